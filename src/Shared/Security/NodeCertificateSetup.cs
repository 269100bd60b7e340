using Akka.Actor.Setup;

namespace MetaMap.Shared.Security;

/// <summary>Takes a node's certificate to the parts of Akka that build themselves from an actor system.</summary>
internal sealed class NodeCertificateSetup(NodeCertificate certificate) : Setup
{
    public NodeCertificate Certificate => certificate;
}
