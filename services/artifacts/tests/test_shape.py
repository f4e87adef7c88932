"""The service keeps the shape that all services keep."""

from testkit.shape import assert_shape


async def test_shape(app):
    assert_shape(app)
