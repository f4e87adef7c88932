"""GET /.well-known/authzen-configuration."""

from testkit.principals import ISSUER


async def test_where_the_api_stands(client):
    answer = await client.get("/.well-known/authzen-configuration")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    found = answer.json()
    assert found["policy_decision_point"] == ISSUER
    assert found["access_evaluation_endpoint"] == f"{ISSUER}/access/v1/evaluation"
    assert found["search_action_endpoint"] == f"{ISSUER}/access/v1/search/action"
