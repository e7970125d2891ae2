namespace EdgeCoder.Inference.Catalogue;

/// <summary>Memory of this machine, as far as this process may use it.</summary>
internal static class MachineMemory
{
    /// <summary>In MiB; the limit of the container where there is one.</summary>
    public static int TotalMB => (int)(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20);
}
