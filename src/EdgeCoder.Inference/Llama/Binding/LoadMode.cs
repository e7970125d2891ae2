namespace EdgeCoder.Inference.Llama.Binding;

/// <summary><c>enum llama_load_mode</c>.</summary>
internal enum LoadMode
{
    Auto = -1,
    Read = 0,
    Map = 1,
}
