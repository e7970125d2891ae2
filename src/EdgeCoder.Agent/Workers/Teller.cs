namespace EdgeCoder.Agent.Workers;

/// <summary>Tells whoever watches; the same waiting is told once.</summary>
internal sealed class Teller(Action<WorkerEvent> tell, TimeProvider time)
{
    private readonly Lock _turn = new();
    private string? _waiting;

    /// <summary>Tells something.</summary>
    public void Tell(string type, string message, string? code = null, string? leaseId = null, string? subtaskId = null)
    {
        lock (_turn)
        {
            if (type != WorkerEventTypes.Waiting && type != WorkerEventTypes.Progress)
            {
                _waiting = null;
            }

            tell(new() { Type = type, AtMs = time.GetUtcNow().ToUnixTimeMilliseconds(), Message = message, Code = code, LeaseId = leaseId, SubtaskId = subtaskId });
        }
    }

    /// <summary>Tells why nothing is leased, when that has changed.</summary>
    public void Waiting(string code, string message)
    {
        lock (_turn)
        {
            if (_waiting == code)
            {
                return;
            }

            Tell(WorkerEventTypes.Waiting, message, code);
            _waiting = code;
        }
    }

    /// <summary>Work came: the next waiting is told again.</summary>
    public void Working()
    {
        lock (_turn)
        {
            _waiting = null;
        }
    }
}
