using System.Runtime.InteropServices;

namespace EdgeCoder.Inference.Llama.Binding;

/// <summary>Strings that the library owns.</summary>
internal static unsafe class NativeText
{
    /// <summary>Copies a zero-terminated UTF-8 string; null reads as empty.</summary>
    public static string Read(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}
