using System.Collections.Immutable;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;
using Akka.Util;

namespace MetaMap.Shared.Serialization;

/// <summary>
/// Wraps one of Akka's own serializers and lets only listed messages through, in both directions; anything else is refused
/// before the inner serializer sees a byte or a type is looked up by name.
/// </summary>
/// <param name="system">The actor system.</param>
/// <param name="identifier">Akka's number of the serializer.</param>
/// <param name="inner">The wrapped serializer; null when nothing is let through.</param>
/// <param name="manifests">Manifests of the messages that are let through.</param>
internal sealed class GuardedSerializer(
    ExtendedActorSystem system, int identifier, Serializer? inner, ImmutableHashSet<string> manifests) : SerializerWithStringManifest(system)
{
    /// <inheritdoc />
    public override int Identifier => identifier;

    /// <inheritdoc />
    public override string Manifest(object o) =>
        inner is SerializerWithStringManifest named ? named.Manifest(o) : o.GetType().TypeQualifiedName();

    /// <inheritdoc />
    public override byte[] ToBinary(object obj) => Behind(inner is null ? "" : Manifest(obj), obj.GetType().Name).ToBinary(obj);

    /// <inheritdoc />
    public override object FromBinary(byte[] bytes, string manifest)
    {
        Serializer serializer = Behind(manifest ?? "", $"'{manifest}'");
        return serializer is SerializerWithStringManifest named
            ? named.FromBinary(bytes, manifest) : serializer.FromBinary(bytes, Type.GetType(manifest!, throwOnError: true));
    }

    private Serializer Behind(string manifest, string what) => inner is not null && manifests.Contains(manifest) ? inner
        : throw new SerializationException($"{what} of serializer {identifier} is closed between nodes: {nameof(AkkaSerializers)} lists what is open");
}
