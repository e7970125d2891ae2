namespace EdgeCoder.Coordinator.Audits;

/// <summary>What the draw of a window says about a result (coordinator-and-mesh 5.3).</summary>
/// <param name="Drawn">Whether it is audited.</param>
/// <param name="Auditor">64 bits that choose the auditor among those who may.</param>
internal readonly record struct AuditDrawing(bool Drawn, long Auditor);
