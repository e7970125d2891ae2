using CsCheck;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Protocol.Tests.Sessions;

/// <summary>Arbitrary valid protocol records, texts of every kind included.</summary>
internal static class Records
{
    /// <summary>Any text that UTF-8 can carry: quotes, control characters, emoji; no lone surrogates, which no encoder keeps.</summary>
    private static readonly Gen<string> Text = Gen.OneOf(Gen.String[Gen.Char['\0', '\ud7ff'], 0, 12], Gen.Const("😀 </script> \u2028\" \\ \r\n"), Gen.Const(""));

    private static readonly Gen<string?> MaybeText = Gen.Null(Text);
    private static readonly Gen<long> Count = Gen.Long[0, 1L << 53];
    private static readonly Gen<long?> MaybeCount = Count.Nullable();
    private static readonly Gen<double> Time = Gen.Double[0, 1e6];

    private static readonly Gen<TestCase> Case =
        Gen.Select(Text, Enum<TestStatus>(), Time, Gen.Select(MaybeText, MaybeText, MaybeText), Gen.Select(MaybeText, MaybeText)).Select((name, status, time, why, streams) =>
            new TestCase { Name = name, Status = status, DurationMs = time, Message = why.Item1, Expected = why.Item2, Actual = why.Item3, Stdout = streams.Item1, Stderr = streams.Item2 });

    /// <summary>Test reports.</summary>
    public static readonly Gen<TestReport> Report =
        Gen.Select(Text, Case.Array[0, 4], Gen.Int[0, 9], Time, Gen.Bool).Select((framework, cases, total, time, complete) => new TestReport
        {
            Framework = framework,
            Total = total,
            Passed = cases.Count(c => c.Status == TestStatus.Passed),
            Failed = cases.Count(c => c.Status == TestStatus.Failed),
            Skipped = cases.Count(c => c.Status == TestStatus.Skipped),
            Errored = cases.Count(c => c.Status == TestStatus.Errored),
            DurationMs = time,
            Cases = cases,
            Complete = complete,
        });

    private static readonly Gen<RunLimits> Limits =
        Gen.Select(Count, Count, Gen.Int[0, 99], MaybeCount, MaybeText).Select((time, bytes, number, used, hit) => new RunLimits
        {
            WallMs = time, CpuMs = time, MemoryBytes = bytes, OutputBytes = bytes, ScratchBytes = bytes, Processes = number, OpenFiles = number, UsedCpuMs = used, UsedMemoryBytes = used, Hit = hit,
        });

    private static readonly Gen<RunDetail> Detail =
        Gen.Select(Text, MaybeText, MaybeText, Gen.Int[1, 999].Nullable()).Select((code, rule, message, line) => new RunDetail
        {
            Code = code, Rule = rule, Construct = rule, Alternative = message, File = message, Line = line, Column = line, Message = message,
        });

    /// <summary>Run results.</summary>
    public static readonly Gen<RunResult> Run =
        Gen.Select(Gen.Select(Text, Text, Text), Gen.Bool, Gen.Int[0, 255], Enum<QueueReason>().Nullable(), Gen.Select(Limits, Gen.Null(Detail), Gen.Null(Report), Count)).Select((texts, flag, code, reason, rest) => new RunResult
        {
            Language = texts.Item1,
            Ok = flag,
            Stdout = texts.Item2,
            Stderr = texts.Item3,
            ExitCode = code,
            DurationMs = rest.Item4,
            StartupMs = rest.Item4,
            QueueForCloud = flag,
            QueueReason = reason,
            Detail = rest.Item2,
            Limits = rest.Item1,
            Tests = rest.Item3,
            Sandbox = flag ? new SandboxIdentity { Backend = texts.Item1, Digest = texts.Item2 } : null,
            Truncated = flag ? new TruncatedOutput { StdoutBytes = code, StderrBytes = code } : null,
        });

    private static readonly Gen<SessionUsage> Usage =
        Gen.Select(Count, Gen.Int[0, 99]).Select((tokens, calls) => new SessionUsage { PromptTokens = tokens, CompletionTokens = tokens, ModelCalls = calls, ToolCalls = calls, WallMs = tokens, OwnMs = tokens });

    private static readonly Gen<PlanStep> Step =
        Gen.Select(Gen.Int[1, 9], Text, Enum<PlanStepStatus>()).Select((index, text, status) => new PlanStep { Index = index, Description = text, Status = status });

    private static readonly Gen<IterationRecord> Turn =
        Gen.Select(Gen.Int[1, 9], Text, MaybeText, Gen.Null(Run), Gen.Select(Step.Array[0, 2], MaybeCount, Gen.Null(Usage))).Select((number, text, maybe, run, rest) => new IterationRecord
        {
            Iteration = number, Phase = text, Plan = rest.Item1, Code = maybe, RunResult = run, Tests = maybe, PromptVersion = text, PromptHash = text, Seed = rest.Item2, Usage = rest.Item3, Note = maybe,
        });

    private static readonly Gen<ModelIdentity> Model =
        Gen.Select(Text, MaybeText, Gen.Int[1, 99_999].Nullable()).Select((text, maybe, context) => new ModelIdentity { Id = text, Provider = text, Digest = text, Quantization = maybe, ProvenContext = context });

    private static readonly Gen<RanOn> Place = Gen.Select(Text, MaybeText).Select((kind, maybe) => new RanOn { Kind = kind, NodeId = maybe, SandboxBackend = maybe, SandboxDigest = maybe });

    /// <summary>Whole sessions.</summary>
    public static readonly Gen<AgentExecution> Execution =
        Gen.Select(Gen.Select(Text, MaybeText), Gen.Select(Step.Array[0, 3], Turn.Array[0, 3]), Gen.Null(Run), Gen.Select(Enum<SessionOutcome>(), Enum<EscalationReason>().Nullable(), Enum<Verification>(), Gen.Bool), Gen.Select(Gen.Null(Model), Place, Usage, Text.Array[0, 2]))
            .Select((texts, parts, run, end, rest) => new AgentExecution
            {
                SessionId = texts.Item1,
                TaskId = texts.Item2,
                Plan = parts.Item1,
                Language = texts.Item2,
                GeneratedCode = texts.Item2,
                RunResult = run,
                Tests = texts.Item2,
                TestsBy = texts.Item2,
                Iterations = parts.Item2.Length,
                History = parts.Item2,
                Outcome = end.Item1,
                OutcomeMessage = texts.Item2,
                Escalated = end.Item4,
                EscalationReason = end.Item2,
                Model = rest.Item1,
                RanOn = rest.Item2,
                DataClass = texts.Item1,
                Egress = rest.Item4,
                Verification = end.Item3,
                Usage = rest.Item3,
            });

    /// <summary>Events of every type.</summary>
    public static readonly Gen<SessionEvent> Event = Gen.Select(
        Gen.OneOf<SessionEvent>(
            Gen.Select(Enum<SessionState>(), Text, Gen.Null(Place), Time.Nullable()).Select((state, text, place, seconds) => (SessionEvent)new StatusEvent { State = state, Message = text, RanOn = place, BudgetLeft = new BudgetLeft { Steps = 3, Tokens = null, Seconds = seconds } }),
            Text.Select(t => (SessionEvent)new TextEvent { Content = t }),
            Step.Array[0, 3].Select(s => (SessionEvent)new PlanEvent { Steps = s }),
            Gen.Select(Enum<CodeKind>(), Text).Select((kind, text) => (SessionEvent)new CodeEvent { Kind = kind, Iteration = 0, Language = text, File = text, Content = text, By = text }),
            Run.Select(r => (SessionEvent)new RunResultEvent { Iteration = 1, Result = r }),
            Report.Select(r => (SessionEvent)new TestReportEvent { Iteration = 1, Report = r }),
            Usage.Select(u => (SessionEvent)new UsageEvent { Usage = u }),
            Gen.Select(Enum<EscalationReason>(), Text).Select((reason, text) => (SessionEvent)new EscalationEvent { State = "not_sent", Reason = reason, Message = text }),
            Gen.Select(Text, MaybeText).Select((text, maybe) => (SessionEvent)new ErrorEvent { Code = text, Message = text, Hint = maybe }),
            Execution.Select(e => (SessionEvent)new DoneEvent { Outcome = e.Outcome, Verification = e.Verification, Usage = e.Usage, Execution = e })),
        Count,
        Text).Select((@event, number, id) => @event with { Seq = number, SessionId = id, AtMs = number });

    private static Gen<T> Enum<T>()
        where T : struct, Enum => Gen.OneOf(System.Enum.GetValues<T>());
}
