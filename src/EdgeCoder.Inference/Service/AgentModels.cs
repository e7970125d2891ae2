using EdgeCoder.Agent.Calls;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Service;

/// <summary>A chosen model as the loop's parts see it.</summary>
public static class AgentModels
{
    /// <summary>The same model; <paramref name="selected"/> keeps owning it.</summary>
    public static AgentModel Of(SelectedModel selected) => new()
    {
        Client = selected.Model.Client,
        Identity = selected.Model.Identity,
        Window = selected.Model.Window,
        CountTokens = selected.Model.CountTokens.Invoke,
        OnThisMachine = selected.Model.Reach == ModelReach.ThisMachine,
        IsDemonstration = selected.Model.IsDemonstration,
        ObeysJsonSchema = selected.Model.ObeysJsonSchema,
        CallsTools = selected.Model.CallsTools,
        ExplainFailure = fault => fault is ModelException known ? new ModelFailure(known.Code, known.Message, known.Hint) : null,
    };
}
