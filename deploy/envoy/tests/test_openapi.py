import pytest
from muster.gateway.openapi import merge


def document(path, schema, **components):
    operation = {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": schema}}}}}}
    return {
        "openapi": "3.1.0",
        "paths": {path: {"get": operation}},
        "components": {"schemas": components},
        "tags": [{"name": "people"}],
    }


def schema_of(merged, path):
    content = merged["paths"][path]["get"]["responses"]["200"]["content"]
    return content["application/json"]["schema"]["$ref"]


def test_paths_components_and_tags_are_joined():
    merged = merge(
        {
            "orgs": document(
                "/v1/organizations/", "#/components/schemas/Organization", Organization={"type": "object"}
            ),
            "identity": document("/v1/users/", "#/components/schemas/User", User={"type": "object"}),
        }
    )
    assert list(merged["paths"]) == ["/v1/organizations/", "/v1/users/"]
    assert set(merged["components"]["schemas"]) == {"Organization", "User"}
    assert merged["tags"] == [{"name": "people"}]
    assert merged["openapi"] == "3.1.0"


def test_components_that_are_alike_stay_one():
    same = {"type": "object", "properties": {"code": {"type": "string"}}}
    merged = merge(
        {
            "orgs": document("/v1/organizations/", "#/components/schemas/Error", Error=same),
            "identity": document("/v1/users/", "#/components/schemas/Error", Error=dict(same)),
        }
    )
    assert list(merged["components"]["schemas"]) == ["Error"]


def test_a_component_of_the_same_name_and_another_meaning_is_renamed_with_all_that_point_at_it():
    role = {"$ref": "#/components/schemas/Role"}
    first = document("/v1/users/", "#/components/schemas/Page", Page={"items": role}, Role={"type": "string"})
    second = document("/v1/roles/", "#/components/schemas/Page", Page={"items": role}, Role={"type": "object"})
    merged = merge({"identity": first, "authz": second})
    schemas = merged["components"]["schemas"]
    assert set(schemas) == {"Page", "Role", "AuthzPage", "AuthzRole"}
    assert schemas["AuthzPage"] == {"items": {"$ref": "#/components/schemas/AuthzRole"}}
    assert schema_of(merged, "/v1/roles/") == "#/components/schemas/AuthzPage"
    assert schema_of(merged, "/v1/users/") == "#/components/schemas/Page"


def test_a_discriminator_follows_a_renamed_component():
    kinds = {"discriminator": {"mapping": {"a": "#/components/schemas/Kind"}}}
    first = document("/a", "#/components/schemas/Kind", Kind={"type": "string"})
    second = document("/b", "#/components/schemas/Any", Kind={"type": "object"}, Any=kinds)
    merged = merge({"identity": first, "authz": second})
    mapping = merged["components"]["schemas"]["Any"]["discriminator"]["mapping"]
    assert mapping == {"a": "#/components/schemas/AuthzKind"}


def test_a_path_of_two_services_is_refused():
    one = document("/v1/users/", "#/components/schemas/User", User={})
    with pytest.raises(ValueError, match="/v1/users/"):
        merge({"identity": one, "orgs": one})


def test_the_documents_given_are_not_changed():
    first = document("/a", "#/components/schemas/Kind", Kind={"type": "string"})
    second = document("/b", "#/components/schemas/Kind", Kind={"type": "object"})
    merge({"identity": first, "authz": second})
    assert second == document("/b", "#/components/schemas/Kind", Kind={"type": "object"})
