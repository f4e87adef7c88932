"""The one transaction of a request, and the answers kept by idempotency key in that same transaction."""

from collections.abc import AsyncIterator
from typing import Any

from jsonapi import answer
from kernel import DomainError
from litestar import Request
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import idempotency
from chassis.arguments import Process, Visitor
from chassis.runtime import runtime_of

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def provide_principal(request: Request[Any, Any, Any]) -> Any:
    """The caller whom the guard found; None only on a public route."""
    return request.scope.get("principal")


def provide_runtime(request: Request[Any, Any, Any], principal: Visitor) -> Any:
    """The process.

    Principal, runtime and session wait for each other: Litestar resolves what is independent in tasks of their own,
    which cost more than all three.
    """
    _ = principal
    return runtime_of(request)


async def provide_session(
    request: Request[Any, Any, Any], principal: Visitor, runtime: Process
) -> AsyncIterator[AsyncSession]:
    """A session for a handler.

    A read needs no transaction around its statements. A write has one, which commits after the handler has returned
    and before its answer is sent, so a failed COMMIT is an error and never a success. A refusal that keeps its writes
    commits, too.
    """
    if request.method in SAFE or request.route_handler.opt.get("reads"):
        async with runtime.reads() as session:
            yield session
        return
    claim = await idempotency.claim(runtime, request, principal)
    try:
        refusal: DomainError | None = None
        async with runtime.sessions.begin() as session:
            try:
                yield session
            except DomainError as error:
                if not error.keeps_writes:
                    raise
                refusal = error
            if claim and refusal is None:
                await idempotency.keep(session, claim, request, (answer.get() or {}).get("result"))
        if refusal is not None:
            raise refusal
    except BaseException:
        if claim:
            await idempotency.release(runtime, claim)
        raise
