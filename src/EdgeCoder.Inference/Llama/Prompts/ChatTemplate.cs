using System.Runtime.InteropServices;
using System.Text;
using EdgeCoder.Inference.Llama.Binding;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Llama.Prompts;

/// <summary>Writes a conversation the way a model was trained to read it. The library knows the common templates by their marks and runs none of their code.</summary>
internal static unsafe class ChatTemplate
{
    private const int LargestTemplate = 256 * 1024;

    /// <summary>The model's own template. Throws <c>chat_template_unsupported</c> when it has none.</summary>
    public static string Of(LlamaModel model)
    {
        var template = NativeText.Read(NativeApi.llama_model_chat_template(model.Handle, null));
        return template.Length switch
        {
            0 => throw Unsupported("it has no chat template"),
            > LargestTemplate => throw Unsupported("its chat template is too long"),
            _ => template,
        };
    }

    /// <summary>The text that the model reads, with the beginning of its answer when <paramref name="addAssistant"/>.</summary>
    public static string Apply(string template, IReadOnlyList<ChatTurn> turns, bool addAssistant)
    {
        List<nint> texts = [];
        byte* Native(string text)
        {
            var pointer = Marshal.StringToCoTaskMemUTF8(text);
            texts.Add(pointer);
            return (byte*)pointer;
        }

        try
        {
            var entries = new ChatMessageEntry[turns.Count];
            for (var i = 0; i < entries.Length; i++)
            {
                entries[i] = new() { Role = Native(turns[i].Role), Content = Native(turns[i].Text) };
            }

            return Apply(Native(template), entries, 1024 + turns.Sum(turn => 64 + Encoding.UTF8.GetByteCount(turn.Text)), addAssistant);
        }
        finally
        {
            texts.ForEach(Marshal.FreeCoTaskMem);
        }
    }

    private static string Apply(byte* template, ChatMessageEntry[] entries, int size, bool addAssistant)
    {
        while (true)
        {
            var buffer = new byte[size];
            int needed;
            fixed (ChatMessageEntry* messages = entries)
            fixed (byte* target = buffer)
            {
                needed = NativeApi.llama_chat_apply_template(template, messages, (nuint)entries.Length, addAssistant ? (byte)1 : (byte)0, target, size);
            }

            if (needed < 0)
            {
                throw Unsupported("its chat template is not one that llama.cpp knows");
            }

            if (needed <= size)
            {
                return Encoding.UTF8.GetString(buffer, 0, needed);
            }

            size = needed;
        }
    }

    private static ModelException Unsupported(string why) =>
        new("chat_template_unsupported", $"This model cannot be used for conversations: {why}.", "Use the instruct variant of the model, or serve it with Ollama.");
}
