using EdgeCoder.Inference.Llama;
using EdgeCoder.Inference.Llama.Contexts;
using EdgeCoder.Inference.Providers;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Inference.Tests.Llama.Contexts;

/// <summary>Each of these calls, unchecked, ends the process or damages the cache.</summary>
public sealed class LlamaContextTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly LlamaModel _model;
    private readonly LlamaContext _context;
    private readonly TokenBatch _batch = new(64);

    public LlamaContextTests()
    {
        _model = LlamaModel.Load(new SyntheticModel().Save(_directory["m.gguf"]), cancellationToken: TestContext.Current.CancellationToken);
        _context = new LlamaContext(_model, new() { ContextSize = 256, Sequences = 2, BatchSize = 32 });
    }

    public void Dispose()
    {
        _batch.Dispose();
        _context.Dispose();
        _model.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Empty_batch_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => _context.Decode(_batch));

    [Fact]
    public void Batch_above_the_contexts_size_is_refused()
    {
        for (var i = 0; i < 33; i++)
        {
            _batch.Add(1, i, 0, wantsLogits: false);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Decode(_batch));
    }

    [Fact]
    public void Sequence_that_does_not_exist_is_refused()
    {
        _batch.Add(1, 0, 2, wantsLogits: true);
        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Decode(_batch));
        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Forget(2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Share(0, 2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Share(0, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Length(-1));
    }

    [Fact]
    public void Token_outside_the_vocabulary_is_refused()
    {
        _batch.Add(_model.VocabularySize, 0, 0, wantsLogits: true);
        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Decode(_batch));
    }

    [Fact]
    public void More_outputs_than_sequences_are_refused()
    {
        for (var i = 0; i < 3; i++)
        {
            _batch.Add(1, i, 0, wantsLogits: true);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Decode(_batch));
    }

    [Fact]
    public void Logits_that_were_not_asked_for_cannot_be_read()
    {
        Assert.Throws<InvalidOperationException>(() => _context.Logits(0));
        _batch.Add(1, 0, 0, wantsLogits: false);
        _batch.Add(1, 1, 0, wantsLogits: true);
        Assert.Equal(DecodeOutcome.Done, _context.Decode(_batch));
        Assert.Throws<InvalidOperationException>(() => _context.Logits(0));
        Assert.Throws<InvalidOperationException>(() => _context.Logits(2));
        Assert.Equal(_model.VocabularySize, _context.Logits(1).Length);
    }

    [Fact]
    public void Full_cache_is_an_outcome_and_leaves_the_cache_as_it_was()
    {
        var position = 0;
        DecodeOutcome outcome;
        do
        {
            _batch.Clear();
            for (var i = 0; i < 32; i++)
            {
                _batch.Add(1, position + i, 0, wantsLogits: false);
            }

            outcome = _context.Decode(_batch);
            position += outcome == DecodeOutcome.Done ? 32 : 0;
        }
        while (outcome == DecodeOutcome.Done);

        Assert.Equal(DecodeOutcome.NoRoom, outcome);
        Assert.Equal(256, position);
        Assert.Equal(256, _context.Length(0));
    }

    [Fact]
    public void Aborted_step_is_an_outcome_and_the_context_works_on()
    {
        _batch.Add(1, 0, 0, wantsLogits: true);
        _context.Abort();
        Assert.Equal(DecodeOutcome.Aborted, _context.Decode(_batch));
        Assert.Equal(0, _context.Length(0));
        _context.ClearAbort();
        Assert.Equal(DecodeOutcome.Done, _context.Decode(_batch));
        Assert.Equal(1, _context.Length(0));
    }

    [Fact]
    public void Shared_prefix_belongs_to_both_and_survives_the_one_that_goes()
    {
        for (var i = 0; i < 8; i++)
        {
            _batch.Add(i, i, 0, wantsLogits: false);
        }

        _context.Decode(_batch);
        _context.Share(0, 1, 5);
        _context.Forget(0, 0);
        Assert.Equal((0, 5), (_context.Length(0), _context.Length(1)));
    }

    [Fact]
    public void Another_thread_is_refused()
    {
        Exception? error = null;
        var thread = new Thread(() => error = Record.Exception(() => _context.Length(0)));
        thread.Start();
        thread.Join();
        Assert.IsType<InvalidOperationException>(error);
    }

    [Fact]
    public void Use_after_disposal_is_refused()
    {
        using var context = new LlamaContext(_model, new() { ContextSize = 256 });
        context.Dispose();
        Assert.Throws<ObjectDisposedException>(() => context.Length(0));
        context.Abort();
    }

    [Fact]
    public void Model_outlives_its_owner_while_a_context_uses_it()
    {
        var model = LlamaModel.Load(_directory["m.gguf"], cancellationToken: TestContext.Current.CancellationToken);
        using var context = new LlamaContext(model, new() { ContextSize = 256 });
        model.Dispose();
        using var batch = new TokenBatch(1);
        batch.Add(1, 0, 0, wantsLogits: false);
        Assert.Equal(DecodeOutcome.Done, context.Decode(batch));
    }

    [Fact]
    public void Several_threads_compute_what_one_computes()
    {
        using var context = new LlamaContext(_model, new() { ContextSize = 256, Threads = 3 });
        _batch.Add(7, 0, 0, wantsLogits: true);
        context.Decode(_batch);
        var three = context.Logits(0).ToArray();
        context.Forget(0, 0);
        context.SetThreads(1);
        context.Decode(_batch);
        Assert.Equal(three, context.Logits(0).ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => context.SetThreads(4));
    }

    [Fact]
    public void Vocabulary_has_no_context()
    {
        using var vocabulary = LlamaModel.Load(_directory["m.gguf"], vocabularyOnly: true, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("model_file_invalid", Assert.Throws<ModelException>(() => new LlamaContext(vocabulary, new() { ContextSize = 256 })).Code);
    }
}
