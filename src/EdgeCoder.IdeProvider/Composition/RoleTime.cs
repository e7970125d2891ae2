namespace EdgeCoder.IdeProvider.Composition;

/// <summary>The role's clock; the container's own is never replaced.</summary>
/// <param name="Time">The clock.</param>
internal sealed record RoleTime(TimeProvider Time);
