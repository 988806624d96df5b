"""What the API of the cost model answers with."""

from pydantic import BaseModel, Field


class Ends(BaseModel):
    """A band; a bound that is null lies beyond every bound (a payback that never comes)."""

    low: float | None
    median: float | None
    high: float | None


class ParameterModel(BaseModel):
    """A parameter with its source. `low`, `base` and `high` are null together where it is unknown."""

    id: str
    group: str
    meaning: str
    unit: str
    low: float | None
    base: float | None
    high: float | None
    scale: str = Field(description="linear or log: how draws lie between low and high.")
    year: str
    place: str = Field(description="A country (ISO 3166 alpha-2), a region or world.")
    provenance: str = Field(
        description="published, derived, assumption, questionnaire, measured here, user or unknown."
    )
    vendor: bool = Field(description="It comes from someone who sells a remedy.")
    source: str
    address: str
    note: str


class PublishedFigure(BaseModel):
    """A figure that was published, worked out again."""

    id: str
    title: str
    unit: str
    published: float
    computed: float
    reproduces: bool
    formula: str
    inputs: dict[str, float]
    source: str
    note: str


class Parameters(BaseModel):
    """All parameters for a country, and published figures that reproduce and that do not."""

    model: str = Field(description="Hash of data and formulas.")
    rows: list[ParameterModel]
    published: list[PublishedFigure]


class LineModel(BaseModel):
    """One line of the model; `band` is null where a parameter in `missing` is unknown."""

    id: str
    unit: str
    formula: str
    band: Ends | None
    share: Ends | None = Field(description="Of the total; null for quantities.")
    borne_by: str
    missing: list[str]


class SwingModel(BaseModel):
    """The result with one parameter at its low and its high, all others at their base."""

    parameter: str
    low: float
    high: float
    at_low: float
    base: float
    at_high: float


class Result(BaseModel):
    """What every result says of itself."""

    model: str
    asked: list[tuple[str, str]] = Field(description="The question as pairs; the same address gives the same result.")
    seed: int
    draws: int
    method: str
    missing: list[str]
    tornado: list[SwingModel]
    inputs: list[ParameterModel]


class EstimateModel(Result):
    """What spam costs in a year."""

    unit: str
    total: Ends | None = Field(description="Over the components that are known; `missing` are those that are not.")
    users: Ends | None
    operators: Ends | None
    per_person: Ends | None
    total_local: Ends | None
    total_international: Ends | None
    components: list[LineModel]
    quantities: list[LineModel]


class RateModel(BaseModel):
    """Block rate of a channel now and with the measures; the share of draws that reach the target, null without one."""

    channel: str
    now: Ends
    after: Ends
    target_reached: float | None


class PaybackModel(BaseModel):
    """Months until what is avoided has paid for the facilities."""

    months: Ends
    within_10_years: float


class InvestmentModel(Result):
    """What measures cost and save. Money in USD, per year but for `capex`."""

    measures: list[str]
    rates: list[RateModel]
    capex: Ends | None
    yearly_parts: dict[str, Ends | None]
    yearly: Ends | None
    annual: Ends | None = Field(description="Yearly cost with facilities spread over their life.")
    avoided: Ends | None
    avoided_parts: dict[str, Ends]
    net: Ends | None
    payback: PaybackModel | None = Field(description="All that is avoided against the cost.")
    payback_operators: PaybackModel | None = Field(description="What operators themselves avoid against the cost.")
    left_out: list[str] = Field(description="Components of the burden that are unknown.")
    formulas: dict[str, str]
