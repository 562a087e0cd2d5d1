"""Codes, value sets and concept maps, answered from the definitions at hand: yes, no, or could not tell."""

from interop.terminology.codesystem import CodeSystem
from interop.terminology.coding import CodeAnswer, Coding
from interop.terminology.external import snomed_fault
from interop.terminology.membership import Membership, Server
from interop.terminology.service import Terminology

__all__ = ["CodeAnswer", "CodeSystem", "Coding", "Membership", "Server", "Terminology", "snomed_fault"]
