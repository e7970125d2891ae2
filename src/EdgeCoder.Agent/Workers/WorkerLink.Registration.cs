using EdgeCoder.Agent.Coordinators;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Documents;

namespace EdgeCoder.Agent.Workers;

/// <content>Registration, what is remembered of it, and how a changed key of the coordinator is followed.</content>
internal sealed partial class WorkerLink
{
    /// <summary>
    /// Registers (3.1). False: not now, try again or elsewhere. Throws <see cref="WorkerException"/> for a refusal that only a person can change.
    /// </summary>
    public async Task<bool> RegisterAsync(CancellationToken cancellationToken)
    {
        var memory = _parts.State.Memory;
        var rotation = _parts.Keys.Rotation;
        var key = rotation?.Key ?? _parts.Keys.Signing;
        _coordinator = _connections.Of(_who, key);
        var active = _parts.Models.Active;
        var request = new RegisterRequest
        {
            AgentId = _parts.Keys.AgentId,
            Os = _parts.Settings.Os,
            Version = _parts.Settings.Version,
            Mode = _parts.Settings.Mode,
            PublicKeyPem = key.PublicKey.Pem,
            X25519PublicKey = _parts.Keys.Envelope.PublicKey,
            X25519Signature = X25519Binding.Sign(_parts.Keys.AgentId, _parts.Keys.Envelope.PublicKey, key),
            RegistrationToken = _parts.Settings.RegistrationToken ?? memory.RegistrationToken,
            Rotation = rotation is { } waiting ? Convert.ToBase64String(waiting.Statement) : null,
            // Where it is bound already, the last statement says so to another coordinator.
            Enrolment = memory.Bound && memory.PeerId != _who.PeerId ? memory.Enrolment : null,
            DeviceId = _parts.Settings.DeviceId,
            ClientType = _parts.Settings.ClientType,
            LocalModelProvider = active.Provider,
            MaxConcurrentTasks = _parts.Settings.Slots,
            PowerTelemetry = await _parts.Power.SampleAsync(cancellationToken).ConfigureAwait(false),
            SandboxMode = _parts.Sandbox.Mode,
            SandboxDigest = _parts.Sandbox.Digest,
            Models = [.. _parts.Models.Proven.Select(model => model.Claim)],
            BinaryIntegrity = _parts.Settings.Integrity is { } integrity ? await Task.Run(integrity, cancellationToken).ConfigureAwait(false) : null,
        };
        try
        {
            var answer = await _coordinator.RegisterAsync(request, cancellationToken).ConfigureAwait(false);
            if (rotation is not null)
            {
                _parts.Keys.Promote();
                _tell.Tell(WorkerEventTypes.Notice, "The new key is in force; the old one is void.");
            }

            Remember();
            Obey(answer.Policy ?? new());
            SetStatus(answer.Status);
            return true;
        }
        catch (CoordinatorFault fault)
        {
            return Refused(fault, memory.Bound && memory.PeerId != _who.PeerId);
        }
    }

    // A lease of another key: the coordinator may have changed its own, and then its statements lead there from the one that is pinned. Nothing else makes another key count.
    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        try
        {
            var found = await _parts.FindAsync(_parts.State.Pins, _who.Url, cancellationToken).ConfigureAwait(false);
            if (found.PeerId == _who.PeerId && found.Url == _who.Url && !found.Key.Equals(_who.Key))
            {
                _who = found;
                _coordinator = _connections.Of(found, _parts.Keys.Signing);
                Remember();
                _tell.Tell(WorkerEventTypes.Notice, $"{found.PeerId} has changed its key by its own statement; the new one is pinned.", "coordinator_key_changed");
            }
        }
        catch (NoCoordinatorException)
        {
            // The leases are given back with their reason.
        }
    }

    private void Remember() => _parts.State.Change(memory => memory with
    {
        AgentId = _parts.Keys.AgentId,
        Bound = true,
        RegistrationToken = null,
        PeerId = _who.PeerId,
        PeerUrl = _who.Url,
        NetworkMode = _who.NetworkMode,
        Pins = memory.Pins.GetValueOrDefault(_who.PeerId) == _who.Key.SpkiSha256 ? memory.Pins : new Dictionary<string, string>(memory.Pins) { [_who.PeerId] = _who.Key.SpkiSha256 },
    });

    private bool Refused(CoordinatorFault fault, bool elsewhere)
    {
        if (fault.IsFinal && !elsewhere && fault.Reason is not "portal_validation_unreachable" && fault.Reason?.StartsWith("portal_validation_failed_5", StringComparison.Ordinal) != true)
        {
            throw new WorkerException(fault.FullCode, fault.Message, WaitingReasons.RegistrationHint(fault.Reason ?? fault.Code, _parts.Keys.AgentId));
        }

        var hint = fault.Reason == "clock_skew" ? " Set the clock of this machine." : "";
        _tell.Waiting(fault.FullCode, $"Registration waits: {fault.Message}{hint}");
        return false;
    }
}
