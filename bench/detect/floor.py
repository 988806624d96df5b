"""What anybody can write in thirty lines: the floors that ours has to beat. Linear SVM on TF-IDF, and online byte 4-grams."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import LinearSVC

from bench.detect.protocols import Scores
from bench.detect.sets import Item
from counterspam.detect import views

COSTS = (0.3, 1.0, 3.0, 10.0)


def text(item: Item) -> str:
    """Subject and text."""
    return f"{item.evidence.subject}\n{item.evidence.text}"[:4000].strip()


def _svm(cost: float) -> Pipeline:
    grams = TfidfVectorizer(analyzer="char", ngram_range=(2, 4), sublinear_tf=True, min_df=2, max_features=300_000)
    return make_pipeline(grams, LinearSVC(C=cost))


def tuned(train: Sequence[Item], most: int = 3000) -> float:
    """The cost that is best in three folds of (at most so many of) the training part."""
    some = train[:: max(1, len(train) // most)]
    texts, labels = [text(item) for item in some], [item.spam for item in some]
    folds = StratifiedKFold(3, shuffle=True, random_state=1)
    found = [cross_val_score(_svm(c), texts, labels, cv=folds, scoring="matthews_corrcoef").mean() for c in COSTS]
    return COSTS[int(np.argmax(found))]


def svm(train: Sequence[Item], test: Sequence[Item], cost: float) -> Scores:
    """Distances of the test part from the plane that the training part gives."""
    model = _svm(cost).fit([text(item) for item in train], [item.spam for item in train])
    return np.asarray(model.decision_function([text(item) for item in test]))


class Floor:
    """Online logistic regression over distinct byte 4-grams of the first 3,000 bytes."""

    def __init__(self) -> None:
        self.weights = np.zeros(1 << views.BITS)

    def _grams(self, item: Item) -> npt.NDArray[np.uint32]:
        data = item.data[:3000] if item.data[:1] != b"{" else text(item).encode("utf-8", "surrogatepass")
        found = np.unique(views.grams(data, (4,)))
        return found[found < 1 << views.BITS]

    def score(self, item: Item) -> float:
        """Log-odds."""
        grams = self._grams(item)
        return float(self.weights[grams].sum() / max(1, len(grams)) ** 0.5)

    def learn(self, item: Item, spam: bool) -> None:
        """One step of gradient descent."""
        grams = self._grams(item)
        unit = 1 / max(1, len(grams)) ** 0.5
        error = 1 / (1 + np.exp(-np.clip(self.weights[grams].sum() * unit, -60, 60))) - spam
        self.weights[grams] -= 2.0 * error * unit
