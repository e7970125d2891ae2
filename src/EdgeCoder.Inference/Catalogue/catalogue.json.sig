{ "keyId": "22442a7407cc273b", "signature": "PWmOqijDcLoqbKl3PpNroK/O3wYa6HV2qkTEdN0ZE+BZVaDqRs4GqHuUEMZ/FF4MNEHkm870nmRiiNDRGH0eCw==" }
