//! The bytes of the section `.authz` in a built file: ELF, Mach-O, PE, COFF and WebAssembly, and
//! archives and universal binaries of them.
//!
//! The file is never run, and of a large one only the tables and the section are read. Absent on
//! purpose: the meaning of the bytes, see [`record`](crate::record).

use std::fs::File;
use std::io;
use std::path::Path;

use object::read::archive::ArchiveFile;
use object::read::macho::{FatArch, MachOFatFile32, MachOFatFile64};
use object::read::{ReadCache, ReadRef};
use object::{FileKind, Object as _, ObjectSection as _};

/// The greatest section that is read, in bytes. 10,000 functions take about 2 MiB.
pub const MAX_SECTION: u64 = 64 << 20;

/// The greatest file that has to be read whole, in bytes: WebAssembly, and parts of an archive.
pub const MAX_WHOLE: u64 = 512 << 20;

/// The greatest number of processors that one file has parts for. Those there are, are about a dozen.
const MAX_PARTS: usize = 64;

/// The error of a file whose records can't be found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SectionError {
    /// The system can't read the file.
    #[error("it can't be read: {0}")]
    Unreadable(io::Error),
    /// It is no program.
    #[error("it is no program: {0}")]
    NotAProgram(String),
    /// It is a program without the section.
    #[error("it has no section `.authz`")]
    NoSection,
    /// What has to be read of it is too large.
    #[error("what has to be read has {found} bytes, and the limit is {limit}")]
    TooLarge {
        /// In bytes.
        found: u64,
        /// In bytes.
        limit: u64,
    },
}

/// The content of the sections of one program.
pub type Sections = Vec<Vec<u8>>;

/// The content of every section of records in the file at `path`: one list, or in a universal
/// binary one for each processor.
///
/// # Errors
///
/// When the file can't be read, is no program, has no such section, or one that is too large.
pub fn read(path: &Path) -> Result<Vec<Sections>, SectionError> {
    let file = File::open(path).map_err(SectionError::Unreadable)?;
    let metadata = file.metadata().map_err(SectionError::Unreadable)?;
    if metadata.is_dir() {
        return Err(SectionError::NotAProgram("it is a directory".to_owned()));
    }
    let cache = ReadCache::new(file);
    let mut search =
        Search { length: metadata.len(), programs: Vec::new(), found: Vec::new(), size: 0 };
    search.any(&cache)?;
    search.end_of_program();
    if search.programs.is_empty() {
        return Err(SectionError::NoSection);
    }
    Ok(search.programs)
}

struct Search {
    length: u64,
    programs: Vec<Sections>,
    found: Sections,
    size: u64,
}

impl Search {
    fn any<'data, R: ReadRef<'data>>(&mut self, data: R) -> Result<(), SectionError> {
        match FileKind::parse(data).map_err(no_program)? {
            FileKind::Archive => self.archive(data),
            FileKind::MachOFat32 => {
                let fat = MachOFatFile32::parse(data).map_err(no_program)?;
                self.universal(data, fat.arches())
            }
            FileKind::MachOFat64 => {
                let fat = MachOFatFile64::parse(data).map_err(no_program)?;
                self.universal(data, fat.arches())
            }
            kind => {
                if kind == FileKind::Wasm {
                    limit(self.length, MAX_WHOLE)?;
                }
                self.object(data)
            }
        }
    }

    /// The parts of one program for several processors.
    fn universal<'data, R: ReadRef<'data>>(
        &mut self,
        data: R,
        parts: &[impl FatArch],
    ) -> Result<(), SectionError> {
        if parts.len() > MAX_PARTS {
            return Err(SectionError::NotAProgram(format!("it has more than {MAX_PARTS} parts")));
        }
        // Parts lie beside each other, so that none of the file is read twice.
        let sizes = parts.iter().map(|part| -> u64 { part.size().into() });
        if sizes.fold(0, u64::saturating_add) > self.length {
            return Err(SectionError::NotAProgram("its parts overlap".to_owned()));
        }
        for part in parts {
            limit(part.size().into(), MAX_WHOLE)?;
            let bytes = part.data(data).map_err(no_program)?;
            self.object(bytes)?;
            self.end_of_program();
        }
        Ok(())
    }

    fn end_of_program(&mut self) {
        let found = std::mem::take(&mut self.found);
        if !found.is_empty() {
            self.programs.push(found);
        }
    }

    /// The objects of a library; whatever else lies beside them, such as metadata, is passed over.
    fn archive<'data, R: ReadRef<'data>>(&mut self, data: R) -> Result<(), SectionError> {
        let archive = ArchiveFile::parse(data).map_err(no_program)?;
        for member in archive.members() {
            let member = member.map_err(no_program)?;
            limit(member.size(), MAX_WHOLE)?;
            let bytes = member.data(data).map_err(no_program)?;
            if object::File::parse(bytes).is_ok() {
                self.object(bytes)?;
            }
        }
        Ok(())
    }

    fn object<'data, R: ReadRef<'data>>(&mut self, data: R) -> Result<(), SectionError> {
        let file = object::File::parse(data).map_err(no_program)?;
        for section in file.sections() {
            // `__DATA,__authz` on Apple's systems, `.authz` elsewhere.
            if !matches!(section.name_bytes(), Ok(b".authz" | b"__authz")) {
                continue;
            }
            self.size = self.size.saturating_add(section.size());
            limit(self.size, MAX_SECTION)?;
            if self.size > self.length {
                return Err(SectionError::NotAProgram("its sections overlap".to_owned()));
            }
            let bytes = section.data().map_err(no_program)?;
            self.found.push(bytes.to_vec());
        }
        Ok(())
    }
}

fn limit(found: u64, limit: u64) -> Result<(), SectionError> {
    if found <= limit { Ok(()) } else { Err(SectionError::TooLarge { found, limit }) }
}

fn no_program(error: object::Error) -> SectionError {
    SectionError::NotAProgram(error.to_string().to_lowercase())
}
