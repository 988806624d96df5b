"""What campaigns are called."""

from sqlalchemy import text

from counterspam.store import campaigns
from counterspam.store.records import Records


def test_titles_follow_merges_and_leave_out_what_is_not_known(records: Records) -> None:
    rows = [(5, "parcel", None), (7, "older parcel", 5), (2**63 - 1, "loan", None)]
    insert = "INSERT INTO campaigns VALUES (:id, :title, 'x', 'sms', 1, 2, 3, 1, :merged_into)"
    with records.begin() as conn:
        for id, title, merged_into in rows:
            conn.execute(text(insert), {"id": id, "title": title, "merged_into": merged_into})
    with records.read() as conn:
        assert campaigns.titles(conn, [7, 2**63 - 1, 5, 6, 7]) == {5: "parcel", 7: "parcel", 2**63 - 1: "loan"}
        assert campaigns.titles(conn, []) == {}
