using System.Runtime.InteropServices;

namespace EdgeCoder.Launcher;

/// <summary>A step that did not succeed, and the kernel's reason.</summary>
internal sealed class LaunchFailure(string step, int error) : Exception
{
    /// <inheritdoc/>
    public override string Message => $"the launcher could not {step}: {Marshal.GetPInvokeErrorMessage(error)}";
}
