using Akka.Actor;

namespace MetaMap.Shared.Hosting;

/// <summary>Where to find a coordinator's workforce actor, with which workers register.</summary>
public static class Workforce
{
    /// <summary>Name of the actor, under <c>/user</c>.</summary>
    public const string Name = "workforce";

    /// <summary>Path of the workforce on a node.</summary>
    public static ActorPath PathAt(Address node) => new RootActorPath(node) / "user" / Name;
}
