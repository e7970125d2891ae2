using EdgeCoder.Protocol.Sessions;
using static EdgeCoder.SystemTests.Repositories.RepositoryStage;

namespace EdgeCoder.SystemTests.Repositories;

/// <summary><c>chat</c> in a pipe, with the real parts, and what stops before any work.</summary>
public sealed class ConversationTests
{
    [Fact]
    public async Task Two_requests_share_a_worktree_and_commands_apply_and_take_back()
    {
        await using var stage = await StartAsync(Plan, Read, Edit, Test, Statement, new("1. Nothing more."), new("parse_date knows both forms now; nothing else is needed."));
        var before = stage.Project.Read("dates.py");
        var chat = await stage.Run.InAsync(stage.Project.Root, "accept ISO week dates\n/apply\nis it complete?\n/undo\n/diff\n/quit\n", "chat", "--approve-tests");
        Assert.Contains("edit dates.py", chat.Output, StringComparison.Ordinal);
        Assert.Contains("parse_date knows both forms now", chat.Output, StringComparison.Ordinal);
        Assert.Contains("+        return datetime.date.fromisoformat(text)", chat.Output, StringComparison.Ordinal);
        Assert.Contains("edgecoder chat --resume", chat.Output, StringComparison.Ordinal);
        Assert.Equal(before, stage.Project.Read("dates.py"));
    }

    [Fact]
    public async Task A_root_that_nobody_trusted_and_a_window_that_is_too_small_stop_before_any_work()
    {
        await using var stage = await StartAsync(Plan);
        await stage.ToEndAsync("trust", "--remove");
        var refused = await stage.ToEndAsync("run", "x", "--json");
        Assert.Equal(4, refused.ExitCode);
        Assert.Equal("root_not_trusted", Assert.IsType<ErrorEvent>(Events(refused.Output)[^1]).Code);

        stage.Run.Write("config/models.json", $$"""{"servers":[{"name":"scripted","address":"{{stage.Server.BaseAddress}}","reach":"this-machine","model":"scripted","contextWindow":4096}]}""");
        var small = await stage.ToEndAsync("run", "x", "--trust");
        Assert.Equal(1, small.ExitCode);
        Assert.Contains("8,192", small.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(stage.Server.Requests, request => request.Path.EndsWith("/chat/completions", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("file", 2)]
    [InlineData("bare", 2)]
    public async Task What_is_no_work_tree_is_named(string kind, int code)
    {
        await using var stage = await StartAsync(Plan);
        stage.Project.Git("init", "--quiet", "--bare", stage.Project["bare"]);
        stage.Run.Write("file", "x");
        var root = kind == "file" ? Path.Combine(stage.Run.Directory, "file") : stage.Project["bare"];
        var result = await stage.ToEndAsync("run", "x", "--root", root, "--trust");
        Assert.True(result.ExitCode == code, result.ToString());
        Assert.Contains(root, result.Error, StringComparison.Ordinal);
    }
}
