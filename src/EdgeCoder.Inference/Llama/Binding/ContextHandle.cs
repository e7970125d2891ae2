using System.Runtime.InteropServices;

namespace EdgeCoder.Inference.Llama.Binding;

/// <summary>Owns a <c>llama_context</c>, and holds its model until the context is freed: llama.cpp reads the model while it frees.</summary>
internal sealed class ContextHandle : SafeHandle
{
    private readonly ModelHandle _model;

    public ContextHandle(nint context, ModelHandle model)
        : base(0, ownsHandle: true)
    {
        var added = false;
        model.DangerousAddRef(ref added);
        _model = model;
        SetHandle(context);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeApi.llama_free(handle);
        _model.DangerousRelease();
        return true;
    }
}
