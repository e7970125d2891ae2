using System.Runtime.InteropServices;

namespace EdgeCoder.Inference.Llama.Binding;

/// <summary>Keeps a handle's object alive while a pointer into it is used. Throws <see cref="ObjectDisposedException"/> when it is gone already.</summary>
internal readonly ref struct HandleHold
{
    private readonly SafeHandle _handle;

    public HandleHold(SafeHandle handle)
    {
        var added = false;
        handle.DangerousAddRef(ref added);
        _handle = handle;
    }

    public void Dispose() => _handle.DangerousRelease();
}
