using EdgeCoder.Agent.Workers;

namespace EdgeCoder.Workers;

/// <summary>Keeps what a join code says, for this start and the next ones.</summary>
internal static class WorkerJoining
{
    /// <summary>Stores it, open to the owner alone. Throws <see cref="WorkerException"/> where this machine is another node already.</summary>
    public static void Join(WorkerFiles files, JoinCode code)
    {
        var state = new WorkerState(files.State);
        if (files.KeyOwner is { } owner && owner != code.AgentId)
        {
            if (state.Memory.Bound)
            {
                throw new WorkerException(
                    "agent_id_changed", $"This machine is {owner} already, and the code is for {code.AgentId}.", "Set EDGECODER_DATA_DIR to another directory for a second node, or ask for a code for that id.");
            }

            // The key of an id that no coordinator ever bound serves nobody.
            Directory.Delete(files.Keys, recursive: true);
        }

        state.Change(memory => memory with { AgentId = code.AgentId, CoordinatorUrl = code.Url, RegistrationToken = code.Token, PeerUrl = null, Bound = memory.Bound && memory.CoordinatorUrl == code.Url });
    }
}
