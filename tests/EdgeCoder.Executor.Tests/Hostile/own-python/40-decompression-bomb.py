# SAFE: data that unpacks without end must end at the memory limit
import zlib
packed = zlib.compress(b"\0" * (64 << 20))
kept = []
while True: kept.append(zlib.decompress(packed))
