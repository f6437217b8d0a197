"""Trains the network without some patients and outlines their glands, where PyTorch is."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import torch

from countersign.rooms.pathology.domain.gland_pixels import prepared
from countersign.rooms.pathology.training.gland_fields import labelled
from countersign.rooms.pathology.training.gland_network import STEPS, Practised, learn, outlined
from countersign.rooms.pathology.training.glands import fields_of


def run(source: Path, held: set[str], out: Path) -> dict[str, float]:
    """Writes the probabilities of the fields held back, by name; tells processor seconds."""
    fields = labelled(source)
    began = time.process_time()
    kept = fields_of([one for one in fields if one.patient not in held])
    torch.manual_seed(1)
    model = learn(kept, 1, STEPS, start=Practised())
    learnt = time.process_time()
    found = {
        one.name: outlined(model, prepared(one.pixels)).astype(np.float16)
        for one in fields
        if one.patient in held
    }
    np.savez_compressed(out, **found)
    return {
        "train_s": learnt - began,
        "outline_s": time.process_time() - learnt,
        "parameters": sum(one.numel() for one in model.parameters()),
    }


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), set(sys.argv[2].split(",")), Path(sys.argv[3]))))
