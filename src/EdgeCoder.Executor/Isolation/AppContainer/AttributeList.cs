using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace EdgeCoder.Executor.Isolation.AppContainer;

/// <summary>What CreateProcess is told beyond its arguments. The values must stay where they are until the process is there.</summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe class AttributeList : IDisposable
{
    /// <summary>Makes an empty one.</summary>
    public AttributeList(uint count)
    {
        nuint size = 0;
        _ = WindowsSystem.InitializeProcThreadAttributeList(null, count, 0, &size);
        Address = NativeMemory.AllocZeroed(size);
        if (!WindowsSystem.InitializeProcThreadAttributeList(Address, count, 0, &size))
        {
            NativeMemory.Free(Address);
            WindowsSystem.Check(false, "InitializeProcThreadAttributeList");
        }
    }

    /// <summary>Where it is.</summary>
    public void* Address { get; private set; }

    /// <summary>Adds one.</summary>
    public void Add(nuint attribute, void* value, int size) =>
        WindowsSystem.Check(WindowsSystem.UpdateProcThreadAttribute(Address, 0, attribute, value, (nuint)size, null, null), "UpdateProcThreadAttribute");

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Address is not null)
        {
            WindowsSystem.DeleteProcThreadAttributeList(Address);
            NativeMemory.Free(Address);
            Address = null;
        }
    }
}
