using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace EdgeCoder.Inference.Llama.Binding;

/// <summary>The part of llama.cpp's and ggml's C API that is used. Nothing here checks anything: call it through <see cref="LlamaModel"/>, <see cref="LlamaContext"/> and <see cref="TokenSampler"/>.</summary>
/// <remarks>Written from <c>include/llama.h</c> of release 0.5.0. A C <c>bool</c> is one byte and is declared as such.</remarks>
internal static unsafe partial class NativeApi
{
    public const string Llama = "edgecoder-llama";
    public const string Ggml = "edgecoder-ggml";
    public const string GgmlBase = "edgecoder-ggml-base";

    /// <summary><c>GGML_BACKEND_DEVICE_TYPE_CPU</c>.</summary>
    public const int CpuDevice = 0;

    [LibraryImport(Llama)] public static partial byte* llama_version();
    [LibraryImport(Llama)] public static partial byte* llama_print_system_info();
    [LibraryImport(Llama)] public static partial ModelParameters llama_model_default_params();
    [LibraryImport(Llama)] public static partial ContextParameters llama_context_default_params();
    [LibraryImport(Llama)] public static partial SamplerChainParameters llama_sampler_chain_default_params();
    [LibraryImport(Llama)] public static partial void llama_backend_init();
    [LibraryImport(Llama)] public static partial void llama_log_set(delegate* unmanaged[Cdecl]<int, byte*, nint, void> callback, nint data);

    [LibraryImport(Llama, StringMarshalling = StringMarshalling.Utf8)] public static partial nint llama_model_load_from_file(string path, ModelParameters parameters);
    [LibraryImport(Llama)] public static partial void llama_model_free(nint model);
    [LibraryImport(Llama)] public static partial nint llama_model_get_vocab(ModelHandle model);
    [LibraryImport(Llama)] public static partial int llama_model_n_ctx_train(ModelHandle model);
    [LibraryImport(Llama)] public static partial int llama_model_n_embd(ModelHandle model);
    [LibraryImport(Llama)] public static partial int llama_model_n_layer(ModelHandle model);
    [LibraryImport(Llama)] public static partial int llama_model_n_head(ModelHandle model);
    [LibraryImport(Llama)] public static partial int llama_model_n_head_kv(ModelHandle model);
    [LibraryImport(Llama)] public static partial byte llama_model_has_encoder(ModelHandle model);
    [LibraryImport(Llama)] public static partial byte llama_model_has_decoder(ModelHandle model);
    [LibraryImport(Llama)] public static partial byte llama_model_is_recurrent(ModelHandle model);
    [LibraryImport(Llama)] public static partial byte llama_model_is_hybrid(ModelHandle model);
    [LibraryImport(Llama)] public static partial ulong llama_model_n_params(ModelHandle model);
    [LibraryImport(Llama)] public static partial ulong llama_model_size(ModelHandle model);
    [LibraryImport(Llama)] public static partial int llama_model_desc(ModelHandle model, byte* buffer, nuint size);
    [LibraryImport(Llama, StringMarshalling = StringMarshalling.Utf8)] public static partial int llama_model_meta_val_str(ModelHandle model, string key, byte* buffer, nuint size);
    [LibraryImport(Llama, StringMarshalling = StringMarshalling.Utf8)] public static partial byte* llama_model_chat_template(ModelHandle model, string? name);
    [LibraryImport(Llama)] public static partial int llama_chat_apply_template(byte* template, ChatMessageEntry* messages, nuint count, byte addAssistant, byte* buffer, int size);

    [LibraryImport(Llama)] public static partial int llama_vocab_type(nint vocabulary);
    [LibraryImport(Llama)] public static partial int llama_vocab_n_tokens(nint vocabulary);
    [LibraryImport(Llama)] public static partial int llama_vocab_bos(nint vocabulary);
    [LibraryImport(Llama)] public static partial int llama_vocab_eos(nint vocabulary);
    [LibraryImport(Llama)] public static partial int llama_vocab_fim_pre(nint vocabulary);
    [LibraryImport(Llama)] public static partial int llama_vocab_fim_suf(nint vocabulary);
    [LibraryImport(Llama)] public static partial int llama_vocab_fim_mid(nint vocabulary);
    [LibraryImport(Llama)] public static partial byte llama_vocab_is_eog(nint vocabulary, int token);
    [LibraryImport(Llama)] public static partial byte llama_vocab_get_add_bos(nint vocabulary);
    [LibraryImport(Llama)] public static partial int llama_tokenize(nint vocabulary, byte* text, int length, int* tokens, int capacity, byte addSpecial, byte parseSpecial);
    [LibraryImport(Llama)] public static partial int llama_token_to_piece(nint vocabulary, int token, byte* buffer, int size, int strip, byte special);

    [LibraryImport(Llama)] public static partial nint llama_init_from_model(ModelHandle model, ContextParameters parameters);
    [LibraryImport(Llama)] public static partial void llama_free(nint context);
    [LibraryImport(Llama)] public static partial uint llama_n_ctx(ContextHandle context);
    [LibraryImport(Llama)] public static partial uint llama_n_batch(ContextHandle context);
    [LibraryImport(Llama)] public static partial uint llama_n_seq_max(ContextHandle context);
    [LibraryImport(Llama)] public static partial void llama_set_n_threads(ContextHandle context, int threads, int batchThreads);
    [LibraryImport(Llama)] public static partial int llama_decode(ContextHandle context, Batch batch);
    [LibraryImport(Llama)] public static partial float* llama_get_logits_ith(ContextHandle context, int index);
    [LibraryImport(Llama)] public static partial void llama_attach_threadpool(ContextHandle context, nint pool, nint batchPool);
    [LibraryImport(Llama)] public static partial void llama_detach_threadpool(ContextHandle context);

    [LibraryImport(Llama)] public static partial nint llama_get_memory(ContextHandle context);
    [LibraryImport(Llama)] public static partial void llama_memory_clear(nint memory, byte data);
    [LibraryImport(Llama)] public static partial byte llama_memory_seq_rm(nint memory, int sequence, int from, int to);
    [LibraryImport(Llama)] public static partial void llama_memory_seq_cp(nint memory, int source, int target, int from, int to);
    [LibraryImport(Llama)] public static partial int llama_memory_seq_pos_min(nint memory, int sequence);
    [LibraryImport(Llama)] public static partial int llama_memory_seq_pos_max(nint memory, int sequence);

    [LibraryImport(Llama)] public static partial nint llama_sampler_chain_init(SamplerChainParameters parameters);
    [LibraryImport(Llama)] public static partial void llama_sampler_chain_add(SamplerHandle chain, nint sampler);
    [LibraryImport(Llama)] public static partial void llama_sampler_free(nint sampler);
    [LibraryImport(Llama)] public static partial void llama_sampler_accept(SamplerHandle sampler, int token);
    [LibraryImport(Llama)] public static partial void llama_sampler_apply(SamplerHandle sampler, TokenDataArray* candidates);
    [LibraryImport(Llama)] public static partial nint llama_sampler_init_temp(float temperature);
    [LibraryImport(Llama)] public static partial nint llama_sampler_init_top_k(int k);
    [LibraryImport(Llama)] public static partial nint llama_sampler_init_top_p(float p, nuint keep);
    [LibraryImport(Llama)] public static partial nint llama_sampler_init_dist(uint seed);
    [LibraryImport(Llama, StringMarshalling = StringMarshalling.Utf8)] public static partial nint llama_sampler_init_grammar(nint vocabulary, string grammar, string root);

    [LibraryImport(Ggml, StringMarshalling = StringMarshalling.Utf8)] public static partial void ggml_backend_load_all_from_path(string directory);
    [LibraryImport(Ggml, StringMarshalling = StringMarshalling.Utf8)] public static partial nint ggml_backend_load(string path);
    [LibraryImport(Ggml)] public static partial nuint ggml_backend_dev_count();
    [LibraryImport(Ggml)] public static partial nint ggml_backend_dev_get(nuint index);
    [LibraryImport(Ggml)] public static partial nint ggml_backend_dev_by_type(int type);
    [LibraryImport(GgmlBase)] public static partial nint ggml_backend_dev_backend_reg(nint device);
    [LibraryImport(GgmlBase, StringMarshalling = StringMarshalling.Utf8)] public static partial nint ggml_backend_reg_get_proc_address(nint registration, string name);
    [LibraryImport(GgmlBase)] public static partial byte* ggml_backend_dev_description(nint device);
    [LibraryImport(GgmlBase)] public static partial void ggml_threadpool_params_init(ThreadPoolParameters* parameters, int threads);
}
