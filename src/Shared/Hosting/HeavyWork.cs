namespace MetaMap.Shared.Hosting;

/// <summary>Published on a node's event stream: for a while all its cores are busy, as when data is read for the first time. Late heartbeats are nothing to warn of then.</summary>
/// <param name="Begins">False at its end.</param>
public sealed record HeavyWork(bool Begins);
