"""The individuals of a group as they go out."""

from typing import Literal
from uuid import UUID

import msgspec
from jsonapi import Collection, Paged

from orgs.individuals.schemas import IndividualSummary

KIND = "individual-group-individuals"


class GroupIndividualAttributes(msgspec.Struct, rename="kebab"):
    """An individual in a group."""

    individual_group_id: UUID
    individual: IndividualSummary


class GroupIndividualQuery(Paged, kw_only=True):
    """Which group's."""

    individual_group_id: UUID = msgspec.field(name="individual-group-id")


GroupIndividualCollection = Collection[Literal["individual-group-individuals"], GroupIndividualAttributes]
