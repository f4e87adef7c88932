"""The AuthZEN Authorization API 1.0 (https://openid.net/specs/authorization-api-1_0.html)."""
