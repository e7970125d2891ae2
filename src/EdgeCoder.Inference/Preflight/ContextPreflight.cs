using EdgeCoder.Protocol.Tokens;
using System.Security.Cryptography;
using EdgeCoder.Inference.Providers;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Preflight;

/// <summary>
/// Proves how long a prompt a model really reads. In this order:
/// 1. a tiny prompt gives what the chat template adds, and the time to load;
/// 2. where no exact tokenizer counts, five short texts calibrate the estimate;
/// 3. prompts with random needles at head, middle and tail grow until one comes back without a needle, with a count that disagrees with ours
///    (equal with an exact tokenizer, within 15 % with an estimate), or refused; or until the window or the time is used up;
/// 4. the largest good prompt and its answer are the proven window, and its times the speed.
/// </summary>
internal sealed class ContextPreflight
{
    /// <summary>Smallest prompt size that is tried, in tokens.</summary>
    public const int SmallestSize = 1024;

    // Its speed is not known yet: this ends the wait for a server that will never answer.
    private static readonly TimeSpan LongestCall = TimeSpan.FromMinutes(15);

    // Prompt of the quick form that sets the estimate right.
    private const int ShortSize = 512;

    /// <summary>Tokens that are kept for the answer.</summary>
    public const int AnswerTokens = 64;

    // Tokens for the answer of a model that thinks aloud.
    private const int ThinkingTokens = 1024;

    // The estimate was calibrated on other words than the needles' text: aim this share below the window so that the prompt fits.
    private const double Aim = 0.97;

    // The quick form goes so far beyond the need that an estimate set right once reaches it nearly always.
    private const double QuickMargin = 1.08;

    // Longer prompts of the quick form, where it did not.
    private const int MostLonger = 2;

    // A tokenizer may join one token across the edge of the text and the template.
    private const int ExactSlack = 4;

    private readonly OpenedModel _model;
    private readonly ChatOptionKinds _options;
    private readonly TimeProvider _time;
    private readonly IProgress<string>? _progress;
    private readonly IChatClient _client;
    private readonly List<PreflightSize> _sizes = [];
    private readonly Random _random;
    private int _templateTokens;
    private double _scale = 1;
    private TokenEstimate? _estimate;
    private double _prefillPerSecond;
    private double _decodePerSecond;

    /// <summary>A preflight of a model as its provider opened it. The seed makes the needles repeatable in a test.</summary>
    public ContextPreflight(OpenedModel model, ChatOptionKinds options, TimeProvider time, IProgress<string>? progress = null, int? seed = null)
    {
        _model = model;
        _options = options;
        _time = time;
        _progress = progress;
        _random = new(seed ?? RandomNumberGenerator.GetInt32(int.MaxValue));
        _client = new GuardedChatClient(model.Client, new()
        {
            Model = model.Identity,
            Options = options,
            Window = int.MaxValue, // What is to be found out.
            CountTokens = (_, _) => ValueTask.FromResult(0),
            Tolerance = 1,
        }, time);
    }

    /// <summary>Tries sizes up to the model's window and the time limit.</summary>
    public Task<PreflightReport> RunAsync(TimeSpan limit, CancellationToken cancellationToken) => RunAsync(Growing(_model.Window), needed: null, limit, cancellationToken);

    /// <summary>
    /// Proves just this window, for a first use: one short prompt to set the estimate right, one of the size that is needed, and a longer one where that came
    /// out too short by the words that were drawn.
    /// </summary>
    public Task<PreflightReport> RunQuickAsync(int neededWindow, CancellationToken cancellationToken) => RunAsync(
        [ShortSize, Math.Min(_model.Window, (int)(neededWindow * QuickMargin) + AnswerTokens)], neededWindow, Timeout.InfiniteTimeSpan, cancellationToken);

    private static IReadOnlyList<int> Growing(int window)
    {
        var sizes = new List<int>();
        for (var size = SmallestSize; size < window; size *= 2)
        {
            sizes.Add(size);
        }

        return [.. sizes, window];
    }

    private async Task<PreflightReport> RunAsync(IReadOnlyList<int> sizes, int? needed, TimeSpan limit, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();

        // 1. Template and load time.
        var tiny = await AskAsync("Say ok.", maxOutputTokens: 1, cancellationToken).ConfigureAwait(false);
        if (tiny.Reported is not { } tinyCount)
        {
            return Report(0, "Its server reports no token counts, so nothing shows whether a prompt is read whole.", needed is null, tiny.FirstToken);
        }

        _templateTokens = tinyCount;
        _templateTokens -= (int)Math.Round(await OwnAsync("Say ok.", cancellationToken).ConfigureAwait(false));

        // 2. Calibration.
        if (!_model.CountsExactly)
        {
            _progress?.Report("comparing token counts");
            _estimate = await CalibrateAsync(tinyCount, cancellationToken).ConfigureAwait(false);
            _templateTokens = Math.Max(0, tinyCount - (int)Math.Round(_estimate.Middle("Say ok.")));
        }

        // 3. Growing prompts.
        var (proven, why) = (0, "The whole configured window was read.");
        foreach (var size in sizes)
        {
            var left = limit - _time.GetElapsedTime(started);
            if (limit != Timeout.InfiniteTimeSpan && proven > 0 && size / _prefillPerSecond > left.TotalSeconds)
            {
                why = $"A prompt of {size} tokens would take longer than the {limit.TotalMinutes:0} minutes allowed.";
                break;
            }

            _progress?.Report($"reading a prompt of {size} tokens");
            if (await TryAsync(size, cancellationToken).ConfigureAwait(false) is not { } read)
            {
                why = _sizes[^1].Seen;
                break;
            }

            proven = Math.Min(size, read);
        }

        if (needed is { } least && _sizes is [.., { Ok: true }])
        {
            proven = await ReachAsync(least, proven, sizes[^1], cancellationToken).ConfigureAwait(false);
        }

        return Report(proven, why, needed is null, tiny.FirstToken);
    }

    /// <summary>Proves the window that is needed where a good prompt fell short of it; gives what is proven then. The estimate stays as it is: only the aim moves.</summary>
    private async Task<int> ReachAsync(int needed, int proven, int size, CancellationToken cancellationToken)
    {
        for (var longer = 0; longer < MostLonger && proven < needed; longer++)
        {
            var next = Math.Min(_model.Window, (int)Math.Ceiling(size * QuickMargin * needed / proven));
            if (next <= size || await TryAsync(next, cancellationToken).ConfigureAwait(false) is not { } read)
            {
                break;
            }

            (proven, size) = (Math.Max(proven, Math.Min(next, read)), next);
        }

        return proven;
    }

    /// <summary>Tokens that were read and could be written when the size is proven, else null. A model may miss a needle once; a server that cuts, cuts twice.</summary>
    private async Task<int?> TryAsync(int size, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < 2; attempt++)
        {
            // A model that thinks aloud has not answered after so few tokens; the second time it gets more where there is room.
            var answerTokens = attempt == 0 ? AnswerTokens : Math.Clamp(_model.Window - size, AnswerTokens, ThinkingTokens);
            var target = (size * (_model.CountsExactly ? 1 : Aim)) - AnswerTokens - _templateTokens - (_model.CountsExactly ? ExactSlack : 0);
            var prompt = await PromptAsync(target, cancellationToken).ConfigureAwait(false);
            var own = (int)Math.Round(await OwnAsync(prompt.Text, cancellationToken).ConfigureAwait(false)) + _templateTokens;
            Answer answer;
            try
            {
                answer = await AskAsync(prompt.Text, answerTokens, cancellationToken).ConfigureAwait(false);
            }
            catch (ModelException e) when (e.Code is "context_length_exceeded")
            {
                _sizes.Add(new() { Own = own, Ok = false, Seen = $"A prompt of {own} tokens is refused by the server." });
                return null;
            }

            if (answer.Reported is not { } reported || !Agrees(own, reported))
            {
                _sizes.Add(new() { Own = own, Reported = answer.Reported, Ok = false, Seen = $"Of a prompt of {own} tokens the server read {answer.Reported?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "an unknown number"}." });
                return null;
            }

            var missing = _model.IsDemonstration ? [] : prompt.Missing(answer.Text);
            if (missing.Count == 0)
            {
                _sizes.Add(new() { Own = own, Reported = reported, Ok = true, Seen = _model.IsDemonstration ? "Counts agree; this model follows no instructions." : "All needles came back and counts agree." });
                Measure(reported, answer);
                return reported + AnswerTokens;
            }

            _sizes.Add(new() { Own = own, Reported = reported, Ok = false, Seen = $"Of a prompt of {own} tokens the needle at its {string.Join(" and its ", missing)} did not come back." });
        }

        return null;
    }

    private bool Agrees(int own, int reported) =>
        Math.Abs(reported - own) <= (_model.CountsExactly ? ExactSlack : own * TokenEstimate.Error);

    private void Measure(int reported, Answer answer)
    {
        _prefillPerSecond = reported / Math.Max(answer.FirstToken.TotalSeconds, 0.001);
        if (answer.Written > 1)
        {
            _decodePerSecond = (answer.Written - 1) / Math.Max((answer.Total - answer.FirstToken).TotalSeconds, 0.001);
        }

        // The needles' text has words of its own: its first good size sets the estimate right for the larger ones, and never again, so that
        // a server which loses a little more each time cannot pull the estimate along.
        if (!_model.CountsExactly && _sizes.Count(size => size.Ok) == 1)
        {
            _scale = (reported - _templateTokens) / (double)Math.Max(1, _sizes[^1].Own - _templateTokens);
        }
    }

    private async Task<NeedlePrompt> PromptAsync(double target, CancellationToken cancellationToken)
    {
        if (!_model.CountsExactly)
        {
            return NeedlePrompt.Create(target / _scale, text => _estimate!.Middle(text), _random);
        }

        // The own tokenizer is asked for whole texts only; the estimate of a sentence steers, and two rounds come near enough.
        var perCharacter = 0.25;
        var prompt = NeedlePrompt.Create(target, text => text.Length * perCharacter, _random);
        for (var round = 0; round < 3; round++)
        {
            var own = await OwnAsync(prompt.Text, cancellationToken).ConfigureAwait(false);
            if (own <= target && own > target * 0.98)
            {
                break;
            }

            perCharacter = own / prompt.Text.Length;
            prompt = NeedlePrompt.Create(target * 0.995, text => text.Length * perCharacter, _random);
        }

        return prompt;
    }

    private async ValueTask<double> OwnAsync(string text, CancellationToken cancellationToken) => _model.CountsExactly
        ? await _model.CountTokens(text, cancellationToken).ConfigureAwait(false)
        : (_estimate ?? TokenEstimate.Cautious).Middle(text) * _scale;

    private async Task<TokenEstimate> CalibrateAsync(int tinyCount, CancellationToken cancellationToken)
    {
        // The tiny prompt's own three words count about three tokens in every vocabulary in use.
        var template = Math.Max(0, tinyCount - 3);
        var word = await WeightAsync(CalibrationTexts.Words, shape => shape.Words, new(0, 0, 0, 0, 0)).ConfigureAwait(false);
        var digit = await WeightAsync(CalibrationTexts.Digits, shape => shape.Digits, new(word, 0, 0, 0, 0)).ConfigureAwait(false);
        var mark = await WeightAsync(CalibrationTexts.Marks, shape => shape.Marks, new(word, digit, 0, 0, 0)).ConfigureAwait(false);
        var gap = await WeightAsync(CalibrationTexts.Gaps, shape => shape.Gaps, new(word, digit, mark, 0, 0)).ConfigureAwait(false);
        var other = await WeightAsync(CalibrationTexts.Others, shape => shape.Others, new(word, digit, mark, gap, 0)).ConfigureAwait(false);
        return new(word, digit, mark, gap, other);

        async Task<double> WeightAsync(string text, Func<TokenShape, int> units, TokenEstimate known)
        {
            var answer = await AskAsync(text, maxOutputTokens: 1, cancellationToken).ConfigureAwait(false);
            var rest = (answer.Reported ?? 0) - template - known.Middle(text);
            return Math.Clamp(rest / units(TokenShape.Of(text)), 0.05, 4);
        }
    }

    private async Task<Answer> AskAsync(string text, int maxOutputTokens, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        TimeSpan? first = null;
        var updates = new List<ChatResponseUpdate>();
        var options = new ChatOptions { MaxOutputTokens = maxOutputTokens, Temperature = 0, Seed = 1 };
        if (_model.Thinks && _options.HasFlag(ChatOptionKinds.Reasoning))
        {
            options.Reasoning = new() { Effort = ReasoningEffort.None };
        }

        using var late = new CancellationTokenSource(LongestCall, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            await foreach (var update in _client.GetStreamingResponseAsync([new(ChatRole.User, text)], options, either.Token).ConfigureAwait(false))
            {
                if (update.Text.Length > 0 || update.Contents.OfType<TextReasoningContent>().Any())
                {
                    first ??= _time.GetElapsedTime(started);
                }

                updates.Add(update);
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ModelException(
                "model_timeout", $"{_model.Identity.Id} did not answer a prompt of its preflight in {LongestCall.TotalMinutes:0} minutes.", "See the model server's log, or use a smaller model.", e);
        }

        var total = _time.GetElapsedTime(started);
        var response = updates.ToChatResponse();
        return new(
            response.Text + string.Concat(response.Messages.SelectMany(message => message.Contents).OfType<TextReasoningContent>().Select(thought => thought.Text)),
            response.Usage?.InputTokenCount is > 0 and var read ? (int)read : null, (int?)response.Usage?.OutputTokenCount ?? 0, first ?? total, total);
    }

    private PreflightReport Report(int proven, string why, bool complete, TimeSpan load) => new()
    {
        ModelId = _model.Identity.Id,
        Subject = _model.Subject,
        Hardware = PreflightStore.Hardware,
        AtMs = _time.GetUtcNow().ToUnixTimeMilliseconds(),
        ProvenWindow = proven,
        Why = why,
        Complete = complete,
        TemplateTokens = _templateTokens,
        Estimate = _estimate,
        Speed = proven == 0 ? null : new(load, Math.Max(_prefillPerSecond, 0.01), Math.Max(_decodePerSecond == 0 ? _prefillPerSecond / 20 : _decodePerSecond, 0.01)),
        Sizes = _sizes,
    };

    private sealed record Answer(string Text, int? Reported, int Written, TimeSpan FirstToken, TimeSpan Total);
}
