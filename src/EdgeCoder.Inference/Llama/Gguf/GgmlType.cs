namespace EdgeCoder.Inference.Llama.Gguf;

/// <summary>How a tensor's numbers are stored; the values of <c>enum ggml_type</c> that this program writes.</summary>
public enum GgmlType : uint
{
    /// <summary>32-bit floating point.</summary>
    F32 = 0,

    /// <summary>16-bit floating point.</summary>
    F16 = 1,

    /// <summary>Blocks of 32 signed bytes with one 16-bit scale: 8.5 bits a weight.</summary>
    Q8_0 = 8,
}
