// The least loop around llama.cpp that generates text, to compare ours with. It is built against the very libraries that the program
// uses; the package has no headers, so the few declarations stand here, written from llama.h of release 0.5.0.
//
// usage: baseline LIBRARY_DIRECTORY MODEL THREADS PROMPT_TOKENS DECODE_TOKENS
// Each line on standard input makes one round; it prints the processor time of the prompt, of decoding, and of decoding eight streams together,
// in microseconds.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct model_params {
    void *devices, *overrides;
    int32_t gpu_layers, split_mode, load_mode, lazy_mode, main_gpu;
    const float *tensor_split;
    void *progress, *progress_data, *kv_overrides;
    bool vocab_only, check_tensors, use_extra_bufts, no_host, no_alloc, load_mtp;
};

struct context_params {
    uint32_t n_ctx, n_batch, n_ubatch, n_seq_max, n_rs_seq, n_outputs_max, n_outputs_max_per_seq;
    int32_t n_threads, n_threads_batch, ctx_type, rope_scaling, pooling, attention, flash;
    float rope_base, rope_scale, yarn_ext, yarn_attn, yarn_fast, yarn_slow;
    uint32_t yarn_orig;
    float defrag;
    void *eval, *eval_data;
    int32_t type_k, type_v;
    void *abort, *abort_data;
    bool embeddings, offload_kqv, no_perf, op_offload, swa_full, kv_unified;
    void *samplers;
    size_t n_samplers;
    void *other;
};

struct batch {
    int32_t n_tokens;
    int32_t *token;
    float *embd;
    int32_t *pos, *n_seq_id, **seq_id;
    int8_t *logits;
};

_Static_assert(sizeof(struct model_params) == 80, "llama_model_params");
_Static_assert(sizeof(struct context_params) == 160, "llama_context_params");
_Static_assert(sizeof(struct batch) == 56, "llama_batch");

void ggml_backend_load_all_from_path(const char *directory);
void llama_backend_init(void);
void llama_log_set(void (*callback)(int, const char *, void *), void *data);
struct model_params llama_model_default_params(void);
struct context_params llama_context_default_params(void);
void *llama_model_load_from_file(const char *path, struct model_params params);
void *llama_init_from_model(void *model, struct context_params params);
const void *llama_model_get_vocab(const void *model);
int32_t llama_vocab_n_tokens(const void *vocab);
int32_t llama_decode(void *context, struct batch batch);
float *llama_get_logits_ith(void *context, int32_t i);
void *llama_get_memory(const void *context);
void llama_memory_clear(void *memory, bool data);

static void quiet(int level, const char *text, void *data) { (void)level; (void)text; (void)data; }

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int best(const float *logits, int n) {
    int at = 0;
    for (int i = 1; i < n; i++) {
        if (logits[i] > logits[at]) at = i;
    }
    return at;
}

int main(int argc, char **argv) {
    if (argc != 6) return 2;
    int threads = atoi(argv[3]), prompt = atoi(argv[4]), decode = atoi(argv[5]);
    llama_log_set(quiet, NULL);
    ggml_backend_load_all_from_path(argv[1]);
    llama_backend_init();
    void *model = llama_model_load_from_file(argv[2], llama_model_default_params());
    if (!model) return 3;
    struct context_params params = llama_context_default_params();
    params.n_ctx = 2048;
    params.n_batch = params.n_ubatch = 512;
    params.n_threads = params.n_threads_batch = threads;
    params.n_seq_max = params.n_outputs_max = 8;
    params.kv_unified = true;
    void *context = llama_init_from_model(model, params);
    if (!context) return 4;
    int vocab = llama_vocab_n_tokens(llama_model_get_vocab(model));

    int32_t token[512], pos[512], counts[512], ids[512], *idp[512];
    int8_t logits[512];
    for (int i = 0; i < 512; i++) { counts[i] = 1; ids[i] = 0; idp[i] = &ids[i]; }
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        llama_memory_clear(llama_get_memory(context), false);
        double start = now();
        int at = 0, next = 0;
        while (at < prompt) {
            int n = prompt - at < 512 ? prompt - at : 512;
            for (int i = 0; i < n; i++) { token[i] = (at + i) % 250; pos[i] = at + i; logits[i] = at + i == prompt - 1; }
            if (llama_decode(context, (struct batch){n, token, NULL, pos, counts, idp, logits})) return 5;
            if (at + n == prompt) next = best(llama_get_logits_ith(context, n - 1), vocab);
            at += n;
        }
        double middle = now();
        for (int i = 0; i < decode; i++) {
            token[0] = next; pos[0] = prompt + i; logits[0] = 1;
            if (llama_decode(context, (struct batch){1, token, NULL, pos, counts, idp, logits})) return 6;
            next = best(llama_get_logits_ith(context, 0), vocab);
        }
        double end = now();
        llama_memory_clear(llama_get_memory(context), false);
        double together = now();
        for (int i = 0; i < decode; i++) {
            for (int s = 0; s < 8; s++) { token[s] = s; pos[s] = i; ids[s] = s; logits[s] = 1; }
            if (llama_decode(context, (struct batch){8, token, NULL, pos, counts, idp, logits})) return 7;
            for (int s = 0; s < 8; s++) { best(llama_get_logits_ith(context, s), vocab); ids[s] = 0; }
        }
        printf("%.1f %.1f %.1f\n", middle - start, end - middle, now() - together);
        fflush(stdout);
    }
    return 0;
}
