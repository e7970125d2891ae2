using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using EdgeCoder.Inference.Catalogue;
using EdgeCoder.Inference.Llama.Binding;
using EdgeCoder.Inference.Llama.Contexts;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Llama;

/// <summary>A loaded GGUF model: its tokenizer, its facts, and the weights unless only the vocabulary was asked for. May be used from any thread.</summary>
public sealed unsafe class LlamaModel : IDisposable
{
    private readonly nint _vocabulary;
    private readonly int _vocabularyType;

    private LlamaModel(ModelHandle handle, bool vocabularyOnly)
    {
        Handle = handle;
        IsVocabularyOnly = vocabularyOnly;
        _vocabulary = NativeApi.llama_model_get_vocab(handle);
        _vocabularyType = NativeApi.llama_vocab_type(_vocabulary);
        VocabularySize = NativeApi.llama_vocab_n_tokens(_vocabulary);
        TrainedContext = NativeApi.llama_model_n_ctx_train(handle);
        ParameterCount = vocabularyOnly ? 0 : (long)NativeApi.llama_model_n_params(handle);
        SizeBytes = vocabularyOnly ? 0 : (long)NativeApi.llama_model_size(handle);
    }

    /// <summary>Whether there are no weights; such a model tokenizes only.</summary>
    public bool IsVocabularyOnly { get; }

    /// <summary>Number of tokens.</summary>
    public int VocabularySize { get; }

    /// <summary>Context length, in tokens, that the model was trained with.</summary>
    public int TrainedContext { get; }

    /// <summary>Number of weights; 0 when only the vocabulary was loaded.</summary>
    public long ParameterCount { get; }

    /// <summary>Size of all tensors, in bytes; 0 when only the vocabulary was loaded.</summary>
    public long SizeBytes { get; }

    /// <summary>Token that ends a text, or -1.</summary>
    public int EndOfText
    {
        get
        {
            using var hold = new HandleHold(Handle);
            return NativeApi.llama_vocab_eos(_vocabulary);
        }
    }

    /// <summary>Whether this kind of model generates text token by token from a cache that can be cut: neither an encoder nor recurrent.</summary>
    public bool IsCausalDecoder =>
        NativeApi.llama_model_has_decoder(Handle) != 0
        && NativeApi.llama_model_has_encoder(Handle) == 0
        && NativeApi.llama_model_is_recurrent(Handle) == 0
        && NativeApi.llama_model_is_hybrid(Handle) == 0;

    internal ModelHandle Handle { get; }

    internal nint Vocabulary => _vocabulary;

    /// <summary>Opens a model file.</summary>
    /// <param name="path">The GGUF file.</param>
    /// <param name="vocabularyOnly">Reads the metadata and the tokenizer, not the weights: quick, and the first look at a file that nobody has vouched for.</param>
    /// <param name="checkTensors">Looks for impossible values in the weights too. Slow for large files; meant for files without a checksum.</param>
    /// <param name="progress">Told the fraction read, 0 to 1, on the calling thread.</param>
    /// <param name="cancellationToken">Stops the load between tensors.</param>
    /// <exception cref="ModelException"><c>model_not_found</c>, <c>model_file_invalid</c> or <c>native_unavailable</c>.</exception>
    public static LlamaModel Load(string path, bool vocabularyOnly = false, bool checkTensors = false, Action<float>? progress = null, CancellationToken cancellationToken = default)
    {
        LlamaLibrary.Load();
        cancellationToken.ThrowIfCancellationRequested();
        if (!File.Exists(path))
        {
            throw new ModelException("model_not_found", $"There is no model file {path}.");
        }

        // Bounded reading of the metadata first: the library trusts counts and lengths more than we do.
        using (var file = File.OpenRead(path))
        {
            GgufHeader.Read(file);
        }

        LlamaLog.Clear();
        var state = GCHandle.Alloc(new LoadState(progress, cancellationToken));
        try
        {
            var parameters = NativeApi.llama_model_default_params();
            parameters.GpuLayers = 0;
            parameters.LoadMode = LoadMode.Map;
            parameters.VocabularyOnly = vocabularyOnly ? (byte)1 : (byte)0;
            parameters.CheckTensors = checkTensors ? (byte)1 : (byte)0;
            parameters.ProgressCallback = &OnProgress;
            parameters.ProgressCallbackData = GCHandle.ToIntPtr(state);
            var model = NativeApi.llama_model_load_from_file(path, parameters);
            if (model == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw new ModelException("model_file_invalid", $"llama.cpp cannot load {path}: {Reason()}.", "Pull the model again; the file is damaged or of a kind that is not supported.");
            }

            return new LlamaModel(new ModelHandle(model), vocabularyOnly);
        }
        finally
        {
            state.Free();
        }
    }

    /// <summary>Splits text into tokens.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="addSpecial">Adds the tokens that the model wants around a text, such as a beginning mark.</param>
    /// <param name="parseSpecial">Reads <c>&lt;|im_start|&gt;</c> and the like as one control token. Never set this for text that a person or a file supplied.</param>
    public int[] Tokenize(string text, bool addSpecial = false, bool parseSpecial = false)
    {
        if (_vocabularyType == 0)
        {
            throw new ModelException("model_file_invalid", "The model has no vocabulary.");
        }

        if (text.Length == 0 && !addSpecial)
        {
            return [];
        }

        var utf8 = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        var length = Encoding.UTF8.GetBytes(text, utf8);
        var tokens = new int[length + 8];
        var count = Tokenize(utf8, length, tokens, addSpecial, parseSpecial);
        if (count < 0)
        {
            tokens = new int[-count];
            count = Tokenize(utf8, length, tokens, addSpecial, parseSpecial);
        }

        return count >= 0 ? tokens[..count] : throw new ModelException("model_file_invalid", "The model's tokenizer failed.");
    }

    /// <summary>Bytes of one token as it appears in text; empty for control tokens unless <paramref name="special"/>. A token may be half a character.</summary>
    public byte[] Piece(int token, bool special = false)
    {
        RequireToken(token);
        Span<byte> room = stackalloc byte[256];
        var length = Piece(token, room, special);
        if (length >= 0)
        {
            return room[..length].ToArray();
        }

        var larger = new byte[-length];
        return larger[..Math.Max(0, Piece(token, larger, special))];
    }

    /// <summary>Text of the tokens, without control tokens unless <paramref name="special"/>.</summary>
    public string Detokenize(ReadOnlySpan<int> tokens, bool special = false)
    {
        using var bytes = new MemoryStream();
        foreach (var token in tokens)
        {
            bytes.Write(Piece(token, special));
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    /// <summary>Tokens that mark the texts around a gap and the gap itself; null for a model that was not trained to fill one.</summary>
    internal (int Prefix, int Suffix, int Middle)? InfillMarks
    {
        get
        {
            using var hold = new HandleHold(Handle);
            var marks = (Prefix: NativeApi.llama_vocab_fim_pre(_vocabulary), Suffix: NativeApi.llama_vocab_fim_suf(_vocabulary), Middle: NativeApi.llama_vocab_fim_mid(_vocabulary));
            return marks is { Prefix: >= 0, Suffix: >= 0, Middle: >= 0 } ? marks : null;
        }
    }

    /// <summary>Whether this token ends a generation.</summary>
    public bool IsEndOfGeneration(int token)
    {
        RequireToken(token);
        using var hold = new HandleHold(Handle);
        return NativeApi.llama_vocab_is_eog(_vocabulary, token) != 0;
    }

    /// <summary>A metadata value as text, or null.</summary>
    public string? Metadata(string key)
    {
        Span<byte> room = stackalloc byte[256];
        fixed (byte* pointer = room)
        {
            var length = NativeApi.llama_model_meta_val_str(Handle, key, pointer, (nuint)room.Length);
            return length < 0 ? null : Encoding.UTF8.GetString(room[..Math.Min(length, room.Length - 1)]);
        }
    }

    /// <summary>One line about architecture, size and quantization.</summary>
    public string Description()
    {
        var room = stackalloc byte[256];
        return NativeApi.llama_model_desc(Handle, room, 256) < 0 ? "" : NativeText.Read(room);
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    /// <summary>Heads of a layer; llama.cpp's own count, of the first layer.</summary>
    internal int Heads => Math.Max(1, NativeApi.llama_model_n_head(Handle));

    /// <summary>Numbers of one head's key.</summary>
    internal int KeyWidth => HeadWidth("key_length");

    /// <summary>Bytes that one token takes in a context's cache.</summary>
    internal long CacheBytesPerToken()
    {
        var sharedHeads = Math.Max(1, NativeApi.llama_model_n_head_kv(Handle));
        return ContextBudget.BytesPerToken(NativeApi.llama_model_n_layer(Handle), sharedHeads * KeyWidth, sharedHeads * HeadWidth("value_length"));
    }

    internal void RequireToken(int token)
    {
        // Out of range, the library throws through our frames and ends the process.
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(token, VocabularySize);
    }

    internal int Piece(int token, Span<byte> target, bool special)
    {
        using var hold = new HandleHold(Handle);
        fixed (byte* pointer = target)
        {
            return NativeApi.llama_token_to_piece(_vocabulary, token, pointer, target.Length, 0, special ? (byte)1 : (byte)0);
        }
    }

    private int Tokenize(byte[] utf8, int length, int[] tokens, bool addSpecial, bool parseSpecial)
    {
        using var hold = new HandleHold(Handle);
        fixed (byte* text = utf8)
        fixed (int* target = tokens)
        {
            // An empty array pins as null, which the library would read.
            byte nothing = 0;
            return NativeApi.llama_tokenize(_vocabulary, text is null ? &nothing : text, length, target, tokens.Length, addSpecial ? (byte)1 : (byte)0, parseSpecial ? (byte)1 : (byte)0);
        }
    }

    // Where a model does not say, its width is shared out among the heads.
    private int HeadWidth(string which) =>
        int.TryParse(Metadata($"{Metadata("general.architecture")}.attention.{which}"), NumberStyles.None, CultureInfo.InvariantCulture, out var width) && width > 0
            ? width
            : NativeApi.llama_model_n_embd(Handle) / Heads;

    private static string Reason() => LlamaLog.RecentErrors() is { Length: > 0 } errors ? errors : "it gave no reason";

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte OnProgress(float fraction, nint data)
    {
        try
        {
            var state = (LoadState)GCHandle.FromIntPtr(data).Target!;
            state.Progress?.Invoke(fraction);
            return state.Cancellation.IsCancellationRequested ? (byte)0 : (byte)1;
        }
        catch (Exception)
        {
            // No exception may cross native frames; stopping the load reports it.
            return 0;
        }
    }

    private sealed record LoadState(Action<float>? Progress, CancellationToken Cancellation);
}
