using Akka.Actor;

namespace MetaMap.Shared.Hosting;

/// <summary>Where every coordinator's workforce actor is: the one that workers register with.</summary>
public static class Workforce
{
    /// <summary>Name of the actor, under <c>/user</c>.</summary>
    public const string Name = "workforce";

    /// <summary>Path of the workforce on a node.</summary>
    public static ActorPath PathAt(Address node) => new RootActorPath(node) / "user" / Name;
}
