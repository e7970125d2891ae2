#!/bin/sh
# Puts a trained file in its place in the product: the file, its hash beside it, and the hash in the source.
# Usage: eng/EdgeCoder.DemonstrationModel/ship.sh MODEL.q8_0.gguf
set -eu
cd "$(dirname "$0")/../../src/EdgeCoder.Inference/Demonstration"
cp "$1" edgecoder-demo.gguf
chmod 644 edgecoder-demo.gguf
sha256sum edgecoder-demo.gguf > edgecoder-demo.gguf.sha256
hash=$(cut -d' ' -f1 edgecoder-demo.gguf.sha256)
sed -i "s/Sha256 = \"[0-9a-f]*\"/Sha256 = \"$hash\"/" DemonstrationModel.cs
