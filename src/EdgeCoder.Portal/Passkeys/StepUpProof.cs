using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using Microsoft.AspNetCore.Identity;

namespace EdgeCoder.Portal.Passkeys;

/// <summary>A confirmation that was checked, to be used in the transaction of what it confirms.</summary>
/// <param name="passkey">The passkey.</param>
/// <param name="row">What is kept of it.</param>
internal sealed class StepUpProof(UserPasskeyInfo passkey, StepUpProofRow row)
{
    /// <summary>Its name in the audit log.</summary>
    public string EvidenceRef { get; } = "stepup:" + row.Id;

    /// <summary>Counts the use and keeps the evidence. Throws 401 <c>passkey_login_failed</c> when the passkey is gone, or another use was counted meanwhile.</summary>
    public void Use(IStoreBatch batch)
    {
        if (!TryUse(batch))
        {
            throw new Refusal(401, "passkey_login_failed", "That passkey is gone. Confirm with another.");
        }
    }

    /// <summary>The same; false instead of the refusal.</summary>
    public bool TryUse(IStoreBatch batch)
    {
        if (!PasskeyDesk.Use(batch, passkey, row.AtMs))
        {
            return false;
        }

        batch.Insert(row);
        return true;
    }
}

/// <summary>An action that a passkey can confirm; nothing else gets a challenge. Registered once each, where the action is.</summary>
/// <param name="Name">As <c>passkey.delete</c>.</param>
internal sealed record StepUpAction(string Name);
