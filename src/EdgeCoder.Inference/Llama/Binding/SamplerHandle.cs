using System.Runtime.InteropServices;

namespace EdgeCoder.Inference.Llama.Binding;

/// <summary>Owns a <c>llama_sampler</c>, and holds its model: a grammar keeps a pointer to the vocabulary.</summary>
internal sealed class SamplerHandle : SafeHandle
{
    private readonly ModelHandle _model;

    public SamplerHandle(nint sampler, ModelHandle model)
        : base(0, ownsHandle: true)
    {
        var added = false;
        model.DangerousAddRef(ref added);
        _model = model;
        SetHandle(sampler);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeApi.llama_sampler_free(handle);
        _model.DangerousRelease();
        return true;
    }
}
