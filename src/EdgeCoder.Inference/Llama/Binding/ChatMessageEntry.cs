using System.Runtime.InteropServices;

namespace EdgeCoder.Inference.Llama.Binding;

/// <summary><c>struct llama_chat_message</c>, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ChatMessageEntry
{
    public byte* Role;
    public byte* Content;
}
