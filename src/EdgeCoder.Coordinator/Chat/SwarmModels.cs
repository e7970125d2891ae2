namespace EdgeCoder.Coordinator.Chat;

/// <summary>What an agent that is active and not offline says it uses: a claim, shown and never paid for.</summary>
/// <param name="Model">Model in use.</param>
/// <param name="ParamSize">Its parameters; 0 when unknown.</param>
/// <param name="BusySlots">Slots at work.</param>
/// <param name="Slots">All its slots.</param>
internal readonly record struct ModelInUse(string Model, long ParamSize, int BusySlots, int Slots);

/// <summary>Counts the models of agents.</summary>
internal static class SwarmModels
{
    /// <summary>One line for each model, by id.</summary>
    public static IReadOnlyList<AvailableModel> Of(IEnumerable<ModelInUse> agents) =>
    [
        .. agents.GroupBy(agent => agent.Model, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group =>
        {
            var size = group.Max(agent => agent.ParamSize);
            var slots = group.Sum(agent => Math.Max(1, agent.Slots));
            return new AvailableModel(group.Key, size > 0 ? size : null, group.Count(), Math.Round(Math.Clamp((double)group.Sum(agent => Math.Max(0, agent.BusySlots)) / slots, 0, 1), 3));
        }),
    ];
}
