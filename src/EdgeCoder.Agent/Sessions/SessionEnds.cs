using EdgeCoder.Agent.Calls;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Sessions;

/// <summary>Ends that come from faults of the model.</summary>
internal static class SessionEnds
{
    /// <summary>The end for a model that cannot serve. One that is gone may come back, so the session can be resumed.</summary>
    public static SessionEnd For(ModelFailure failure) => failure.Code switch
    {
        ModelFailure.ContextLength => SessionEnd.Stopped(failure.Code, failure.Message, failure.Hint, EscalationReason.ModelLimit),
        ModelFailure.OutsideDemonstration => SessionEnd.Stopped(failure.Code, failure.Message, failure.Hint ?? DemonstrationRefusal.Hint, EscalationReason.ModelLimit),
        _ => SessionEnd.Stopped(failure.Code, failure.Message, failure.Hint, EscalationReason.ModelUnavailable, resumable: true),
    };
}
