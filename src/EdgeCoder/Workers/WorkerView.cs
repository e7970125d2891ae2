using System.Text.Json;
using EdgeCoder.Agent.Workers;
using EdgeCoder.Commands;
using EdgeCoder.Terminal;

namespace EdgeCoder.Workers;

/// <summary>Shows a worker's life: a line for each thing that happens, or JSON lines for programs.</summary>
/// <param name="surroundings">Where.</param>
/// <param name="json">Whether a program reads it.</param>
/// <param name="progress">The line that is redrawn.</param>
internal sealed class WorkerView(Surroundings surroundings, bool json, ProgressLine progress)
{
    private readonly Lock _turn = new();

    /// <summary>Shows one thing.</summary>
    public void Show(WorkerEvent told)
    {
        lock (_turn)
        {
            if (json)
            {
                surroundings.Output.WriteLine(JsonSerializer.Serialize(told, WorkerJson.Default.WorkerEvent));
                surroundings.Output.Flush();
                return;
            }

            if (told.Type == WorkerEventTypes.Progress)
            {
                progress.Show(told.Message);
                return;
            }

            progress.Erase();
            surroundings.Tell(told.Message);
        }
    }
}
