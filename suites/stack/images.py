"""Container images: what Dockerfiles and compose files stand on, by their own text."""

from stackproof import Kind, View, not_applicable, not_assessed, verifies

REMEDY = "write the document's tag, or a more specific one of it, and pin it: {image}:{tag}@sha256:…"
IMAGES = {"version.python": "python", "version.postgresql": "postgres", "version.redis": "redis"}


@verifies(
    "image.*", needs=[View.FILES], kind=Kind.IMAGE, remedy=REMEDY.format(image="python", tag="3.12-slim-bookworm")
)
def images_are_those_of_the_document(files, expect, requirement):
    """What the final stage of every Dockerfile stands on, or a compose file runs, is the document's image.

    A more specific tag is the same image; a tag that moves from release to release is not.
    """
    wanted = requirement.value
    images, among = candidates(files, wanted, requirement)
    answers = [(base, *base.keeps(wanted)) for base in among]
    otherwise = [f"{base}: {why}" for base, kept, why in answers if kept == "no"]
    otherwise += [sentence for base in among for sentence in base.taken_otherwise(wanted)]
    expect.holds(
        not otherwise,
        expected=f"{wanted}, or a more specific tag of it",
        seen="; ".join(otherwise) or f"{len(among)} places keep to {wanted}",
    )
    untold = [f"{base}: {why}" for base, kept, why in answers if kept == "unknown"] + images.troubles
    if untold:
        not_assessed("; ".join(untold))
    for base in among:
        if base.reference.registry:
            expect.note(f"{base}: the registry {base.reference.registry} is taken for a mirror of the official image")
        if base.reference.digest:
            expect.note(f"{base}: judged by its tag; which release the digest is of, a registry would tell")
    expect.conclude("; ".join(f"{base}" for base in among))


@verifies("image.*", needs=[View.FILES], kind=Kind.IMAGE, remedy="pin the digest that the registry gives for that tag")
def digest_stands_for_one_release(files, expect, requirement):
    """A digest that several places name stands behind tags of one release: it decides, whatever the tag says."""
    images = files.images()
    pinned = [one for one, _ in images.pinned if f"{one.path}:".startswith(f"{requirement.value.partition(':')[0]}:")]
    if not pinned:
        not_applicable("no place of the project pins that image by its digest")
    ambiguous = images.ambiguous(requirement.value)
    expect.holds(
        not ambiguous,
        expected="each digest behind tags of one release",
        seen="; ".join(ambiguous) or f"{len(pinned)} places with a digest agree",
    )


@verifies(
    "image.*",
    needs=[View.FILES],
    kind=Kind.IMAGE,
    supplementary=True,
    remedy="pin the digest that the registry gives for that tag",
)
def digest_is_of_the_named_release(files, engine, descriptor, expect, requirement):
    """An image that is pinned by its digest, and that the engine has, holds the release of its tag."""
    images = files.images()
    name = requirement.value.partition(":")[0]
    pinned = [(one, place) for one, place in images.pinned if one.is_image(name) and one.release]
    if not pinned:
        not_applicable("no place of the project pins that image by its digest with a tag")
    if not descriptor.host.docker:
        not_assessed("stackproof.toml gives no host.docker: an engine that has the image could tell its release")
    for reference, place in pinned:
        release = engine.release_of(reference)
        expect.holds(
            f"{release}.".startswith(f"{reference.release}."),
            expected=f"the digest to be of {reference.path} {reference.release}",
            seen=f"{reference} ({place}) holds {reference.path} {release}, by the engine's own copy",
        )


@verifies(
    "version.python", "version.postgresql", needs=[View.FILES], one_of="place", remedy="use an image inside the row"
)
def images_are_inside_the_constraint(files, expect, requirement):
    """The release that the images' tags name is inside the row's constraint."""
    tags_are_inside(files, expect, requirement)


@verifies("version.redis", needs=[View.FILES], supplementary=True, remedy="use an image inside the row, for both roles")
def images_of_redis_are_inside_the_constraint(files, expect, requirement):
    """The release that the tags of Redis' images name is inside the row's constraint.

    That it is Redis which runs, and not a fork, the servers themselves say.
    """
    tags_are_inside(files, expect, requirement)


def candidates(files, wanted, requirement):
    """The images of a project, and those of them that are about the clause; without any nothing is said."""
    images = files.images()
    among = images.about(wanted)
    if not among:
        image = f"image.{requirement.id.partition('.')[2]}"  # a service without images may well use what a row is about
        listed = [one for one in (requirement.id, image) if one in files.unused]
        if listed:
            not_applicable(f"project.unused lists {listed[0]}")
        reasons = images.troubles or ["no Dockerfile and no compose file of the project names such an image"]
        if images.charts:
            reasons.append(f"the Helm chart of {images.charts[0]} is not rendered")
        not_assessed(f"{'; '.join(reasons)}; where none is used, list {image} in project.unused")
    if all(base.development for base in among):
        not_assessed(f"only files for development or tests name it: {among[0]}")
    return images, among


def tags_are_inside(files, expect, requirement):
    """Judge the tags of all images of the row's server by its constraint."""
    constraint = requirement.value.constraint
    images, among = candidates(files, IMAGES[requirement.id], requirement)
    judged = [base for base in among if base.is_image(IMAGES[requirement.id])]
    answers = [(base, base.release_inside(constraint)) for base in judged]
    outside = [f"{base}" for base, inside in answers if inside is False]
    expect.holds(
        not outside,
        expected=f"images inside {constraint}",
        seen="; ".join(outside) or f"{len(judged)} images name a release, none outside",
    )
    untold = [f"{base}: its tag may stand for releases outside" for base, inside in answers if inside is None]
    untold += [f"{base}: what it holds its name does not tell" for base in among if base not in judged]
    if untold or images.troubles:
        not_assessed("; ".join(untold + images.troubles))
    expect.conclude("; ".join(f"{base}" for base in among))
