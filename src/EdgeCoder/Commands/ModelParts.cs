using EdgeCoder.Agent.Calls;
using EdgeCoder.Inference.Catalogue;
using EdgeCoder.Inference.Demonstration;
using EdgeCoder.Inference.Local;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Service;
using EdgeCoder.Settings;

namespace EdgeCoder.Commands;

/// <summary>The models as the settings and the class of the work allow them.</summary>
internal static class ModelParts
{
    /// <summary>
    /// A hub for work of a data class. For <c>local</c> it holds no client that could leave this machine.
    /// Throws <see cref="ModelException"/> <c>invalid_settings</c> that names every fault.
    /// </summary>
    public static ModelHub Hub(Surroundings surroundings, ProgramDirectories directories, string dataClass)
    {
        var reach = dataClass switch
        {
            "local" => ModelReach.ThisMachine,
            "team" => ModelReach.Team,
            _ => throw new UsageException("unknown_data_class", $"The data class {dataClass} is not known.", "Known are local and team."),
        };
        return Hubs(surroundings, directories, [reach])[0];
    }

    /// <summary>
    /// One hub a reach, each with its own clients of servers; they share this program's own engine, so that a file that both use is one process.
    /// </summary>
    public static IReadOnlyList<ModelHub> Hubs(Surroundings surroundings, ProgramDirectories directories, IReadOnlyList<ModelReach> reaches)
    {
        var settings = ModelSettingsReader.Read(directories.Data, directories.Config, surroundings.Environment);
        var worker = LlamaWorkerOptions.OfThisProgram();
        var store = new ModelStore(directories.Data, surroundings.Time);
        var local = new EdgeCoderLocalProvider(store, [], worker, surroundings.Time);
        var demonstration = new EdgeCoderLocalProvider(store, [DemonstrationModel.Local], worker, surroundings.Time);
        return [.. reaches.Select(reach => new ModelHub(settings, reach, local, demonstration, surroundings.Time))];
    }

    /// <summary>A chosen model as a loop sees it.</summary>
    public static AgentModel Agent(SelectedModel selected) => AgentModels.Of(selected);
}
