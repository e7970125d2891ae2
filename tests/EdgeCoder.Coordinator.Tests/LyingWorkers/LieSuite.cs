using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Agents;

namespace EdgeCoder.Coordinator.Tests.LyingWorkers;

/// <summary>
/// Every lie about the work is told to a coordinator, each by an agent of its own. 1. Each liar leases a task. 2. All hand in at once. 3. Each verdict is a rejection for its reason, and nothing was posted.
/// 4. Each task goes on to an honest agent and completes with its work. What a coordinator did otherwise is the answer.
/// </summary>
internal static class LieSuite
{
    public static async Task<IReadOnlyList<string>> BelievedAsync(LyingScene scene, IReadOnlyList<WorkLie> lies)
    {
        var tasks = await LyingTasks.UploadAsync(scene);
        List<string> believed = [];

        // 1.
        List<(WorkLie Lie, ScriptedAgent Liar, OpenedWork Work)> told = [];
        foreach (var lie in lies)
        {
            var liar = await scene.AgentAsync($"liar-{told.Count}", LyingScene.Liars);
            await scene.SubmitAsync(tasks.Of($"lie-{told.Count}", lie.Kind, lie.Sleeps));
            told.Add((lie, liar, Assert.Single(await liar.WorkAsync(1, LyingScene.Stop))));
        }

        // 2.
        scene.Pass(TimeSpan.FromSeconds(1));
        await Task.WhenAll(told.Select(async lie => Assert.Equal("200", (await LyingTasks.HandInAsync(lie.Liar, lie.Work, lie.Lie.Handed, WorkLie.Perfect)).Outcome)));

        // 3.
        List<string> open = [];
        foreach (var (lie, _, work) in told)
        {
            var verdict = await scene.EventAsync(work.Order.TaskId, "verdict");
            if ((string?)verdict["verdict"] != "rejected" || !lie.Reasons.Contains((string?)verdict["reasonCode"]))
            {
                believed.Add($"{lie.Name}: {verdict.ToJsonString()}");
                continue;
            }

            open.Add(work.Order.TaskId);
            var view = await scene.TaskAsync(work.Order.TaskId);
            if (view is not { State: TaskState.Running, Credits.Posted: 0 } || view.Subtasks is not [{ State: SubtaskState.Queued }])
            {
                believed.Add($"{lie.Name}: the task is {view}");
            }
        }

        // 4.
        await scene.AdvanceAsync(TimeSpan.FromSeconds(2));
        if (open.Count > 0)
        {
            believed.AddRange(await CompleteAsync(scene, open));
        }

        if (await scene.EarnedAsync(LyingScene.Liars) is not 0 and var earned)
        {
            believed.Add($"liars earned {earned} millicredits");
        }

        return believed;
    }

    private static async Task<IReadOnlyList<string>> CompleteAsync(LyingScene scene, List<string> open)
    {
        var honest = await scene.AgentAsync("honest", LyingScene.Honest);
        for (var left = open.ToHashSet(); left.Count > 0;)
        {
            var works = await honest.WorkAsync(64, LyingScene.Stop);
            scene.Pass(TimeSpan.FromSeconds(1));
            await Task.WhenAll(works.Select(work => LyingTasks.HonestAsync(honest, work)));
            left.ExceptWith(works.Select(work => work.Order.TaskId));
        }

        List<string> faults = [];
        foreach (var taskId in open)
        {
            await scene.EventAsync(taskId, "task.state", state => (string?)state["state"] == "completed");
            var (result, view) = (await scene.ResultAsync(taskId), await scene.TaskAsync(taskId));
            if (view is not { Credits.Posted: > 0 } || result is not { State: TaskState.Completed, Ok: true } || (result.PatchDigest is null && result.Outputs is not [{ Output: LyingTasks.Code }]))
            {
                faults.Add($"{taskId} has {result}, {view.Credits}");
            }
        }

        return faults;
    }
}
