using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Tests.Repositories;
using EdgeCoder.Agent.Tests.Workspaces;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Chat;
using EdgeCoder.TestKit.Repositories;

namespace EdgeCoder.Agent.Tests.Scenarios;

/// <summary>What a person asks for in small real repositories of three languages, and what the model does well and badly on the way.</summary>
[Collection(GitCollection.Name)]
public sealed class RepositoryWorkTests(GitFixture fixture)
{
    private const string Plan = "1. Read dates.py\n2. Accept week dates\n3. Run the tests";
    private const string Ask = "make parse_date accept ISO week dates";

    private const string WeekDates = """
        import datetime


        def parse_date(text):
            if "W" in text:
                return datetime.datetime.strptime(text, "%G-W%V-%u").date()
            year, month, day = text.split("-")
            return datetime.date(int(year), int(month), int(day))

        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static ScriptedReply Read(string path) => ScriptedReply.NativeCall("read_file", $$"""{"path": "{{path}}"}""");

    private static ScriptedReply Edit(string path, string old, string @new, bool all = false) => ScriptedReply.NativeCall(
        "edit_file", System.Text.Json.JsonSerializer.Serialize(new { path, old_string = old, new_string = @new, replace_all = all }));

    private static ScriptedReply GoodEdit => Edit(
        "dates.py", "    year, month, day", "    if \"W\" in text:\n        return datetime.datetime.strptime(text, \"%G-W%V-%u\").date()\n    year, month, day");

    [Fact]
    public async Task Single_file_fix_in_python_is_tested_applied_and_undone()
    {
        using var work = new RealWork(fixture, SampleRepositories.PythonDates(), Plan, Read("dates.py"), GoodEdit, "parse_date accepts week dates; the tests pass.");
        await using var session = await work.BeginAsync();

        var told = await work.PromptAsync(session, Ask);

        Assert.True(told.Done.Outcome == SessionOutcome.Succeeded, $"{told.Execution.OutcomeMessage} {told.Error?.Message}");
        Assert.Equal(Verification.ProjectTested, told.Done.Verification);
        Assert.Equal("namespaces", told.Execution.RanOn.SandboxBackend);
        Assert.Equal((2, 2), (told.Execution.TestReport!.Total, told.Execution.TestReport.Passed));
        Assert.Contains("+        return datetime.datetime.strptime", told.Execution.Patch);
        Assert.Equal(SampleRepositories.PythonDatesSource, work.Project.Read("dates.py"));
        var before = work.Project.Git("status", "--porcelain", "--ignored");

        Assert.True((await session.Review.ApplyAsync(Stop)).Applied);
        Assert.Equal(WeekDates, work.Project.Read("dates.py"));
        Assert.Equal(" M dates.py\n", work.Project.Git("status", "--porcelain", "--ignored"));
        Assert.True((await session.Review.UndoAsync(Stop)).Applied);
        Assert.Equal(before, work.Project.Git("status", "--porcelain", "--ignored"));
        Assert.True((await session.Review.RedoAsync(Stop)).Applied);
        Assert.Equal(WeekDates, work.Project.Read("dates.py"));
    }

    [Fact]
    public async Task Failing_test_is_fed_back_and_the_second_attempt_passes()
    {
        using var work = new RealWork(
            fixture,
            SampleRepositories.PythonDates(),
            Plan,
            Read("dates.py"),
            Edit("dates.py", "    year, month, day", "    if \"W\" in text:\n        return datetime.date(2024, 2, 28)\n    year, month, day"),
            "Done, all tests pass.",
            Edit("dates.py", "datetime.date(2024, 2, 28)", "datetime.datetime.strptime(text, \"%G-W%V-%u\").date()"),
            "The week date was wrong; now it is computed.");
        await using var session = await work.BeginAsync();

        var told = await work.PromptAsync(session, Ask);

        Assert.True(told.Done.Outcome == SessionOutcome.Succeeded, $"{told.Execution.OutcomeMessage} {told.Error?.Message}");
        var feedback = work.Client.Calls[4].TextWithResults;
        Assert.Contains("test_iso_week_date", feedback);
        Assert.Contains("datetime.date(2024, 2, 28)", feedback);
        Assert.Contains("datetime.date(2024, 2, 29)", feedback);
    }

    [Fact]
    public async Task Rename_over_several_files_in_javascript_is_one_patch()
    {
        const string Patch = """
            *** Begin Patch
            *** Update File: src/total.js
            @@
            -export function getTotal(items) {
            +export function totalPrice(items) {
            *** Update File: src/cart.js
            @@
            -import { getTotal } from './total.js';
            +import { totalPrice } from './total.js';
            @@
            -    return getTotal(this.items);
            +    return totalPrice(this.items);
            *** Update File: test/total.test.js
            @@
            -import { getTotal } from '../src/total.js';
            +import { totalPrice } from '../src/total.js';
            @@
            -  assert.equal(getTotal([{ price: 2, count: 3 }]), 6);
            +  assert.equal(totalPrice([{ price: 2, count: 3 }]), 6);
            *** End Patch
            """;
        using var work = new RealWork(
            fixture,
            SampleRepositories.JavaScriptCart(),
            "1. Find getTotal\n2. Rename it everywhere",
            ScriptedReply.NativeCall("search_files", """{"pattern": "getTotal"}"""),
            ScriptedReply.NativeCall("apply_patch", System.Text.Json.JsonSerializer.Serialize(new { patch = Patch })),
            "getTotal is now called totalPrice in all three files.");
        await using var session = await work.BeginAsync();

        var told = await work.PromptAsync(session, "rename getTotal to totalPrice everywhere");

        Assert.True(told.Done.Outcome == SessionOutcome.Succeeded, $"{told.Execution.OutcomeMessage} {told.Error?.Message}");
        Assert.Equal(["src/cart.js", "src/total.js", "test/total.test.js"], told.Events.OfType<DiffEvent>().Where(d => d.Id == "review").Select(d => d.File));
        Assert.True((await session.Review.ApplyAsync(Stop)).Applied);
        Assert.DoesNotContain("getTotal", work.Project.Read("src/cart.js") + work.Project.Read("src/total.js") + work.Project.Read("test/total.test.js"));
    }

    [Fact]
    public async Task Single_file_fix_in_csharp_is_judged_by_dotnet_test_without_the_network()
    {
        using var work = new RealWork(
            fixture,
            SampleRepositories.CSharpMoney(typeof(FactAttribute).Assembly.GetName().Version!.ToString(3)),
            "1. Round half up",
            Read("src/Money.cs"),
            Edit("src/Money.cs", "decimal.Truncate(value * 100) / 100", "decimal.Round(value, 2, MidpointRounding.AwayFromZero)"),
            "Money.Round rounds half up.");
        await using var session = await work.BeginAsync();

        var told = await work.PromptAsync(session, "Money.Round must round half up");

        Assert.True(told.Done.Outcome == SessionOutcome.Succeeded, $"{told.Execution.OutcomeMessage} {told.Error?.Message} {told.Events.OfType<ShellOutputEvent>().LastOrDefault()?.Stdout}");
        Assert.Equal(2, told.Execution.TestReport!.Passed);
        Assert.Contains("src/Money.cs", told.Execution.Patch);
        Assert.DoesNotContain("obj/", told.Execution.Patch);
    }

    [Fact]
    public async Task Protected_test_file_cannot_be_edited_and_one_changed_by_a_command_is_no_success()
    {
        using var work = new RealWork(
            fixture,
            SampleRepositories.PythonDates(),
            Plan,
            Read("tests/test_dates.py"),
            Edit("tests/test_dates.py", "self.assertEqual(parse_date(\"2024-W09-4\"), datetime.date(2024, 2, 29))", "pass"),
            ScriptedReply.NativeCall("run_command", """{"command": ["sed", "-i", "s/2024-W09-4/2024-02-29/", "tests/test_dates.py"]}"""),
            "All tests pass now.",
            "All tests pass now, really.",
            "They do.")
        {
            Task = new RepositoryTask { Root = "", Seed = 1, Protected = ["tests/**"] },
        };
        await using var session = await work.BeginAsync();

        var told = await work.PromptAsync(session, Ask);

        Assert.True(told.Done.Outcome is SessionOutcome.Failed or SessionOutcome.Escalated, $"{told.Done.Outcome} {told.Execution.OutcomeMessage}");
        Assert.Contains("tests/test_dates.py", told.Execution.OutcomeMessage);
        Assert.Contains(told.Events.OfType<ToolResultEvent>(), result => result.Error?.Contains("tests/test_dates.py", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Edit_by_the_person_meanwhile_is_a_conflict_and_nothing_is_written()
    {
        using var work = new RealWork(fixture, SampleRepositories.PythonDates(), Plan, Read("dates.py"), GoodEdit, "Done.");
        await using var session = await work.BeginAsync();
        var told = await work.PromptAsync(session, Ask);
        Assert.Equal(SessionOutcome.Succeeded, told.Done.Outcome);
        var own = SampleRepositories.PythonDatesSource.Replace("    year, month, day = text.split(\"-\")", "    year, month, day = text.strip().split(\"-\")", StringComparison.Ordinal);
        work.Project.Write("dates.py", own);
        work.Project.Write("notes.txt", "mine");

        var applied = await session.Review.ApplyAsync(Stop);

        Assert.False(applied.Applied);
        Assert.Equal(["dates.py"], applied.Files);
        Assert.Equal(own, work.Project.Read("dates.py"));
        Assert.Equal("mine", work.Project.Read("notes.txt"));
    }

    [Fact]
    public async Task Edit_by_the_person_elsewhere_in_the_file_is_merged()
    {
        using var work = new RealWork(fixture, SampleRepositories.PythonDates(), Plan, Read("dates.py"), GoodEdit, "Done.");
        await using var session = await work.BeginAsync();
        await work.PromptAsync(session, Ask);
        work.Project.Write("dates.py", "# Dates.\n" + SampleRepositories.PythonDatesSource);

        Assert.True((await session.Review.ApplyAsync(Stop)).Applied);

        Assert.Equal("# Dates.\n" + WeekDates, work.Project.Read("dates.py"));
    }

    [Fact]
    public async Task Bad_replies_on_the_way_cost_steps_and_change_nothing()
    {
        using var work = new RealWork(
            fixture,
            SampleRepositories.PythonDates(),
            "<think>1. Delete everything</think>" + Plan,
            "",
            ScriptedReply.NativeCall("read_fil", """{"path": "dates.py"}"""),
            Read("dates.py"),
            ScriptedReply.NativeCall("edit_file", """{"path": "dates.py", "old_text": "x"}"""),
            new ScriptedReply { Text = "<think>```tool_call\n{\"tool\":\"write_file\",\"args\":{\"path\":\"dates.py\",\"content\":\"\"}}\n```</think>" },
            GoodEdit,
            "Done.");
        await using var session = await work.BeginAsync();

        var told = await work.PromptAsync(session, Ask);

        Assert.True(told.Done.Outcome == SessionOutcome.Succeeded, $"{told.Execution.OutcomeMessage} {told.Error?.Message}");
        Assert.DoesNotContain("tool_call", told.Text);
        Assert.Contains("read_fil", work.Client.Calls[3].TextWithResults);
        Assert.Contains("old_string is missing", work.Client.Calls[5].TextWithResults);
        Assert.Equal(WeekDates, await ApplyAsync(work, session));
    }

    [Fact]
    public async Task Model_that_dies_after_the_edit_is_resumed_without_doing_the_edit_twice()
    {
        using var work = new RealWork(fixture, SampleRepositories.PythonDates(), Plan, Read("dates.py"), GoodEdit, ScriptedReply.GoneInMidStream("parse_date now acc"));
        string id;
        await using (var session = await work.BeginAsync())
        {
            id = session.Id;
            var told = await work.PromptAsync(session, Ask);
            Assert.Equal((SessionOutcome.Failed, EscalationReason.ModelUnavailable), (told.Done.Outcome, told.Execution.EscalationReason));
        }

        work.Client = new ScriptedChatClient("parse_date accepts week dates.");
        await using var again = await work.ResumeAsync(id);
        Assert.True(again.HasOpenPrompt);
        var rest = await ToldWork.OfAsync(id, again.ContinueAsync(Stop));

        Assert.True(rest.Done.Outcome == SessionOutcome.Succeeded, $"{rest.Execution.OutcomeMessage} {rest.Error?.Message}");
        Assert.Equal(WeekDates, await ApplyAsync(work, again));
    }

    /// <summary>The documented trace is what really happens: request, plan, look, baseline, edit, wrong claim, feedback, mended edit, tests, review.</summary>
    [Fact]
    public async Task Trace_in_the_documentation_is_what_happens()
    {
        using var work = new RealWork(
            fixture,
            SampleRepositories.PythonDates(),
            Plan,
            Read("dates.py"),
            Edit("dates.py", "    year, month, day", "    if \"W\" in text:\n        return datetime.date(2024, 2, 28)\n    year, month, day"),
            "parse_date accepts week dates now.",
            Edit("dates.py", "datetime.date(2024, 2, 28)", "datetime.datetime.strptime(text, \"%G-W%V-%u\").date()"),
            "parse_date now accepts ISO week dates such as 2024-W09-4. Both tests pass.");
        await using var session = await work.BeginAsync();

        var trace = EventTrace.Of((await work.PromptAsync(session, Ask)).Events);

        var documented = Path.Combine(TestKit.Files.Repository.Root, "docs", "repository-trace.jsonl");
        if (!File.Exists(documented) || await File.ReadAllTextAsync(documented, Stop) != trace)
        {
            var now = Path.Combine(TestKit.Files.Repository.Root, "artifacts", "repository-trace.jsonl");
            await File.WriteAllTextAsync(now, trace, Stop);
            Assert.Fail($"docs/repository-trace.jsonl is not what happens. If the change is meant, replace it with {now}.");
        }
    }

    private static async Task<string> ApplyAsync(RealWork work, IRepositorySession session)
    {
        var outcome = await session.Review.ApplyAsync(Stop);
        Assert.True(outcome.Applied, outcome.Message);
        return work.Project.Read("dates.py");
    }
}
