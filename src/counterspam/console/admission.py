"""`counterspam keys`, `accounts` and `audit`: who may use the node, and what was done."""

from typing import Annotated

import typer

from counterspam.console.context import config_of, form_of
from counterspam.web.scopes import Role, Scope

keys_app = typer.Typer(no_args_is_help=True, help="Make, list and revoke API keys.")
accounts_app = typer.Typer(no_args_is_help=True, help="Make, list and change accounts.")
audit_app = typer.Typer(no_args_is_help=True, help="Read and check the audit log.")
Name = Annotated[str, typer.Argument(help="What it signs in with.")]
Roles = Annotated[list[Role], typer.Option("--role", help="What it is for; repeat for more.")]


@keys_app.command("create")
def keys_create(
    context: typer.Context,
    label: Annotated[str, typer.Option(help="Whose key it is.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may do; repeat for more.")],
    reporter: Annotated[str, typer.Option(help="Identity that its submissions carry, stored as a pseudonym.")] = "",
) -> None:
    """Make a key; the secret is shown once."""
    from counterspam.console import keys

    keys.create(config_of(context), label, [str(one) for one in scope], reporter, form_of(context))


@keys_app.command("list")
def keys_list(context: typer.Context) -> None:
    """List keys without their secrets."""
    from counterspam.console import keys

    keys.show_all(config_of(context), form_of(context))


@keys_app.command("revoke")
def keys_revoke(context: typer.Context, key: Annotated[str, typer.Argument(help="Id of the key.")]) -> None:
    """Make a key worthless."""
    from counterspam.console import keys

    keys.revoke(config_of(context), key)


@accounts_app.command("create")
def accounts_create(
    context: typer.Context,
    name: Name,
    role: Roles,
    display: Annotated[str, typer.Option(help="What others read; default the name.")] = "",
) -> None:
    """Make an account; its first password is shown once."""
    from counterspam.console import accounts

    accounts.create(config_of(context), name, display, [str(one) for one in role], form_of(context))


@accounts_app.command("list")
def accounts_list(context: typer.Context) -> None:
    """List accounts with their roles."""
    from counterspam.console import accounts

    accounts.show_all(config_of(context), form_of(context))


@accounts_app.command("change")
def accounts_change(
    context: typer.Context,
    name: Name,
    role: Annotated[list[Role] | None, typer.Option("--role", help="Its roles from now on; repeat for more.")] = None,
    password: Annotated[bool, typer.Option("--new-password", help="Make a new password, shown once.")] = False,
    disable: Annotated[bool | None, typer.Option("--disable/--enable", help="Whether it may sign in.")] = None,
) -> None:
    """Give an account other roles or a new password, disable or enable it."""
    from counterspam.console import accounts

    roles = [str(one) for one in role] if role else None
    accounts.change(config_of(context), name, roles, disable, password, form_of(context))


@audit_app.command("show")
def audit_show(
    context: typer.Context,
    action: Annotated[str, typer.Option(help="noun.verb, or its beginning.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest first.")] = 50,
) -> None:
    """Show what was done by whom."""
    from counterspam.console import accounts

    accounts.audit(config_of(context), action, limit, form_of(context))


@audit_app.command("check")
def audit_check(context: typer.Context) -> None:
    """Check that no row was changed, taken out or put in; ends with 1 when one was."""
    from counterspam.console import accounts

    if not accounts.audit_check(config_of(context), form_of(context)):
        raise typer.Exit(1)
