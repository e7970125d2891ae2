namespace EdgeCoder.Agent.Repositories;

/// <summary>Where a site keeps what is not in its worktree.</summary>
/// <param name="Session">Build caches and test reports; goes with the session.</param>
/// <param name="Canaries">What canaries reach for.</param>
/// <param name="MapFile">The index of the project's symbols; stays for the next session.</param>
internal sealed record LocalPlaces(string Session, string Canaries, string MapFile);
