from litestar import Litestar
from testkit.shape import assert_shape


def test_the_service_keeps_the_shape(app: Litestar) -> None:
    assert_shape(app)
