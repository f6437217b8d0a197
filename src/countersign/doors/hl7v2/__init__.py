"""HL7 v2 over MLLP: messages of the hospital's other systems, in and out."""
