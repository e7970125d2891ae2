using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EdgeCoder.Inference.Llama.Contexts;

/// <summary>One byte of native memory that llama.cpp asks between graph nodes. A byte, not a managed object: the question comes from its own threads.</summary>
internal sealed unsafe class AbortFlag : SafeHandle
{
    public AbortFlag()
        : base(0, ownsHandle: true) => SetHandle((nint)NativeMemory.AllocZeroed(1));

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    public nint Address => handle;

    public static delegate* unmanaged[Cdecl]<nint, byte> Callback => &Ask;

    /// <summary>Any thread may call this, also while the context is being freed.</summary>
    public void Set(bool abort)
    {
        var added = false;
        try
        {
            DangerousAddRef(ref added);
            Volatile.Write(ref *(byte*)handle, abort ? (byte)1 : (byte)0);
        }
        catch (ObjectDisposedException)
        {
            // Nothing runs any more that could be aborted.
        }
        finally
        {
            if (added)
            {
                DangerousRelease();
            }
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMemory.Free((void*)handle);
        return true;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte Ask(nint flag) => Volatile.Read(ref *(byte*)flag);
}
